// QuantisedAMX.h with the tile instructions in plain C, for tests on machines without them: written from the CPU's manual
// and not from that text. As there, nothing works before a configuration is loaded: tiles have no rows then.
#if defined(__x86_64__)
#include <stdint.h>
#include <string.h>

typedef struct tile_unit {
    uint8_t configuration[64];
    uint8_t tiles[8][16][64];
} tile_unit;

/// Each thread has its own, as on the CPU.
static _Thread_local tile_unit unit;

static size_t rows_of(int tile) { return unit.configuration[48 + tile]; }

static size_t row_bytes_of(int tile) {
    uint16_t bytes;
    memcpy(&bytes, unit.configuration + 16 + 2 * tile, sizeof bytes);
    return bytes;
}

static void configure_tiles(const void *configuration) {
    memcpy(unit.configuration, configuration, sizeof unit.configuration);
    memset(unit.tiles, 0, sizeof unit.tiles);
}

static void load_tile(int tile, const void *from, size_t stride) {
    memset(unit.tiles[tile], 0, sizeof unit.tiles[tile]);
    for (size_t row = 0; row < rows_of(tile); row++)
        memcpy(unit.tiles[tile][row], (const uint8_t *)from + row * stride, row_bytes_of(tile));
}

static void store_tile(int tile, void *to, size_t stride) {
    for (size_t row = 0; row < rows_of(tile); row++)
        memcpy((uint8_t *)to + row * stride, unit.tiles[tile][row], row_bytes_of(tile));
}

/// TDPBSSD: bytes of both are signed; sums of 32 bits.
static void add_products(int c, int a, int b) {
    for (size_t m = 0; m < rows_of(c); m++) {
        int32_t sums[16];
        memcpy(sums, unit.tiles[c][m], sizeof sums);
        for (size_t k = 0; k < row_bytes_of(a) / 4; k++)
            for (size_t n = 0; n < row_bytes_of(c) / 4; n++)
                for (size_t i = 0; i < 4; i++)
                    sums[n] += (int8_t)unit.tiles[a][m][4 * k + i] * (int8_t)unit.tiles[b][k][4 * n + i];
        memcpy(unit.tiles[c][m], sums, sizeof sums);
    }
}

#define TILES_BEGIN(configuration) configure_tiles(configuration)
#define TILES_END() memset(&unit, 0, sizeof unit)
#define TILE_ZERO(c) memset(unit.tiles[c], 0, sizeof unit.tiles[c])
#define TILE_LOAD(t, from, stride) load_tile(t, from, stride)
#define TILE_STORE(t, to, stride) store_tile(t, to, stride)
#define TILE_DOT(c, rows, columns) add_products(c, rows, columns)
#define FEW_ROWS clq_quantised_scalar

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#include "QuantisedAMX.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_amx_emulated = QUANTISED_KERNELS(linear_8, linear_4);
#endif
