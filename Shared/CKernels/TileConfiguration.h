// How the tiles of AMX are laid out.
#pragma once

#include <stdint.h>

/// The operand of LDTILECFG, for palette 1: bytes of a row, then rows, of each tile.
typedef struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;
