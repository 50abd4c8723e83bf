// The tiles of AMX in plain C, for tests on machines without them: written from the CPU's manual. Nothing works before a
// configuration is loaded: tiles have no rows then.
#pragma once

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

/// TDPBSSD, where bytes of `a` are signed as those of `b` are, or TDPBUSD; sums of 32 bits.
static inline void add_products_int8(int c, int a, int b, int is_signed) {
    for (size_t m = 0; m < rows_of(c); m++) {
        int32_t sums[16];
        memcpy(sums, unit.tiles[c][m], sizeof sums);
        for (size_t k = 0; k < row_bytes_of(a) / 4; k++)
            for (size_t n = 0; n < row_bytes_of(c) / 4; n++)
                for (size_t i = 0; i < 4; i++) {
                    uint8_t x = unit.tiles[a][m][4 * k + i];
                    sums[n] += (is_signed ? (int8_t)x : x) * (int8_t)unit.tiles[b][k][4 * n + i];
                }
        memcpy(unit.tiles[c][m], sums, sizeof sums);
    }
}

/// What arithmetic makes of a number that is below the normal ones, before and after.
static inline float without_denormals(float x) { return x > -0x1p-126f && x < 0x1p-126f ? 0 * x : x; }

static inline float bf16_at(const uint8_t *row, size_t index) {
    uint8_t bytes[4] = {0, 0, row[2 * index], row[2 * index + 1]};
    float value;
    memcpy(&value, bytes, sizeof value);
    return without_denormals(value);
}

/// TDPBF16PS: even and odd elements in a chain each, then both to the sum.
static inline void add_products_bf16(int c, int a, int b) {
    for (size_t m = 0; m < rows_of(c); m++)
        for (size_t n = 0; n < row_bytes_of(c) / 4; n++) {
            float chains[2] = {0, 0}, sum;
            for (size_t k = 0; k < row_bytes_of(a) / 2; k++) {
                float x = bf16_at(unit.tiles[a][m], k), y = bf16_at(unit.tiles[b][k / 2], 2 * n + k % 2);
                chains[k % 2] = without_denormals(__builtin_fmaf(x, y, chains[k % 2]));
            }
            memcpy(&sum, unit.tiles[c][m] + 4 * n, sizeof sum);
            sum = without_denormals(without_denormals(sum) + without_denormals(chains[0] + chains[1]));
            memcpy(unit.tiles[c][m] + 4 * n, &sum, sizeof sum);
        }
}

#define TILES_BEGIN(configuration) configure_tiles(configuration)
#define TILES_END() memset(&unit, 0, sizeof unit)
#define TILE_ZERO(c) memset(unit.tiles[c], 0, sizeof unit.tiles[c])
#define TILE_LOAD(t, from, stride) load_tile(t, from, stride)
#define TILE_STORE(t, to, stride) store_tile(t, to, stride)
