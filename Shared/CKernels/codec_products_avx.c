// The codec's products for AVX2 and for AVX-512 without dot products of bfloat16.
#if defined(__x86_64__)
#include <immintrin.h>

#include "codec_products_versions.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAMED(x) codec_avx2_##x
#define WIDTH 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#include "codec_products_widened.h"
#undef NAMED
#undef WIDTH
#undef TILE_VECTORS

// 4 rows by 16 outputs of one group. VPMADDUBSW adds two products in 16 bits: 2 * 128 * 127 fits, which is what levels less
// 128 come to: their magnitude goes in on one side, their sign on that of the weight, and 128 totals are added in the end.
CODEC_INLINE void codec_avx2_int8_tile(
    const int rows, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, int is_first) {
    __m256i parts[8];
    const __m256i ones = _mm256_set1_epi16(1), middle = _mm256_set1_epi8((char)128);
    CODEC_UNROLL for (int p = 0; p < 2 * rows; p++) parts[p] = _mm256_setzero_si256();
    for (size_t i = 0; i < inputs; i += 4) {
        const __m256i *at = (const __m256i *)(panel + i * CODEC_PANEL);
        __m256i weights[2] = {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
        CODEC_UNROLL for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, x + (size_t)r * x_stride + i, sizeof four);
            __m256i value = _mm256_xor_si256(_mm256_set1_epi32(four), middle);
            __m256i magnitude = _mm256_abs_epi8(value);
            CODEC_UNROLL for (int v = 0; v < 2; v++) {
                __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights[v], value));
                parts[2 * r + v] = _mm256_add_epi32(parts[2 * r + v], _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    CODEC_UNROLL for (int r = 0; r < rows; r++) CODEC_UNROLL for (int v = 0; v < 2; v++) {
        float *to = sums + r * CODEC_PANEL + v * 8;
        const float *scale = scales + (size_t)r * scale_stride;
        __m256 total = _mm256_loadu_ps(totals + v * 8);
        __m256i whole = _mm256_add_epi32(parts[2 * r + v], _mm256_slli_epi32(_mm256_cvtps_epi32(total), 7));
        __m256 unit = _mm256_set1_ps(scale[0]), low = _mm256_set1_ps(scale[1]);
        __m256 lows = is_first ? _mm256_mul_ps(total, low) : _mm256_fmadd_ps(total, low, _mm256_loadu_ps(to));
        _mm256_storeu_ps(to, _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), unit, lows));
    }
}

static void codec_avx2_int8(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between) {
    (void)between;
    for (size_t r = 0; r < rows;) {
        size_t height = codec_tile_height(rows - r, 4);
        for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
            size_t count = inputs - start < CODEC_GROUP ? inputs - start : CODEC_GROUP;
            for (size_t o = 0; o < CODEC_PANEL; o += 16) {
                const uint8_t *values = x + r * x_stride + start;
                const float *scale = scales + r * scale_stride + 2 * (start / CODEC_GROUP);
                const int8_t *weights = panel + start * CODEC_PANEL + 4 * o;
                const float *total = totals + start / CODEC_GROUP * CODEC_PANEL + o;
                float *to = sums + r * CODEC_PANEL + o;
#define TILE(rows) codec_avx2_int8_tile(rows, values, x_stride, scale, scale_stride, weights, total, count, to, start == 0)
                switch (height) {
                case 1: TILE(1); break;
                case 2: TILE(2); break;
                case 3: TILE(3); break;
                case 4: TILE(4); break;
                }
#undef TILE
            }
        }
        r += height;
    }
}
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#define NAMED(x) codec_avx512_##x
#define WIDTH 16
#define TILE_VECTORS 4
#include "codec_products_widened.h"
#pragma clang attribute pop

const codec_bf16_panel codec_bf16_avx2 = codec_avx2_bf16;
const codec_bf16_panel codec_bf16_avx512 = codec_avx512_bf16;
const codec_int8_panel codec_int8_avx2 = codec_avx2_int8;
#endif
