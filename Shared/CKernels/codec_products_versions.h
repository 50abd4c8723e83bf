// What the versions of the codec's products share, and their names.
#pragma once

#include "codec_loops.h"
#include "codec_products.h"

#define CODEC_UNROLL _Pragma("unroll")

CODEC_INLINE float codec_widened(uint16_t half) { return float_of((int32_t)((uint32_t)half << 16)); }

// To nearest, ties to even.
CODEC_INLINE uint16_t codec_rounded(float value) {
    uint32_t bits = (uint32_t)bits_of(value);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// The next tile's rows of `left`, all tiles as even in height as `most` allows.
CODEC_INLINE size_t codec_tile_height(size_t left, size_t most) {
    size_t tiles = (left + most - 1) / most;
    return (left + tiles - 1) / tiles;
}

// A group's whole sum with its scale, the unit and the low, added to the sum before it if it is not the first.
CODEC_INLINE float codec_settled(int32_t whole, float total, const float *scale, int is_first, float before) {
    float lows = is_first ? total * scale[1] : __builtin_fmaf(total, scale[1], before);
    return __builtin_fmaf((float)whole, scale[0], lows);
}

void codec_bf16_portable(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between);
void codec_int8_portable(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between);

#if defined(__x86_64__)
extern const codec_bf16_panel codec_bf16_avx2, codec_bf16_avx512, codec_bf16_avx512_dot;
extern const codec_int8_panel codec_int8_avx2, codec_int8_avx512_dot;
#endif
extern const codec_bf16_panel codec_bf16_emulated;
extern const codec_int8_panel codec_int8_emulated;

#if defined(__x86_64__) && defined(__linux__)
#define CODEC_HAS_AMX 1
extern const codec_bf16_panel codec_bf16_amx;
extern const codec_int8_panel codec_int8_amx;
// Asks the system the first time.
int codec_amx_is_allowed(void);
#endif
