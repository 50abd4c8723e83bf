// The codec's products by the dot products of AVX-512: VDPBF16PS and VPDPBUSD. 32 registers hold 6 x 4 sums, 4 vectors of
// weights and one value of a row for all lanes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "codec_products_versions.h"

enum { ROWS = 6, VECTORS = 4 };

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), \
                             apply_to = function)
CODEC_INLINE void bf16_tile(
    const int rows, const uint16_t *x, size_t x_stride, const uint16_t *panel, size_t inputs, float *sums) {
    __m512 parts[ROWS * VECTORS];
    CODEC_UNROLL for (int p = 0; p < rows * VECTORS; p++) parts[p] = _mm512_setzero_ps();
    for (size_t i = 0; i < inputs; i += 2) {
        __m512bh weights[VECTORS];
        CODEC_UNROLL for (int v = 0; v < VECTORS; v++)
            weights[v] = (__m512bh)_mm512_loadu_si512(panel + i * CODEC_PANEL + v * 32);
        CODEC_UNROLL for (int r = 0; r < rows; r++) {
            int32_t two;
            memcpy(&two, x + (size_t)r * x_stride + i, sizeof two);
            __m512bh value = (__m512bh)_mm512_set1_epi32(two);
            CODEC_UNROLL for (int v = 0; v < VECTORS; v++)
                parts[r * VECTORS + v] = _mm512_dpbf16_ps(parts[r * VECTORS + v], value, weights[v]);
        }
    }
    CODEC_UNROLL for (int p = 0; p < rows * VECTORS; p++) _mm512_storeu_ps(sums + p * 16, parts[p]);
}

static void bf16(const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between) {
    (void)between;
    for (size_t r = 0; r < rows;) {
        size_t height = codec_tile_height(rows - r, ROWS);
        const uint16_t *from = x + r * x_stride;
        float *to = sums + r * CODEC_PANEL;
        switch (height) {
        case 1: bf16_tile(1, from, x_stride, panel, inputs, to); break;
        case 2: bf16_tile(2, from, x_stride, panel, inputs, to); break;
        case 3: bf16_tile(3, from, x_stride, panel, inputs, to); break;
        case 4: bf16_tile(4, from, x_stride, panel, inputs, to); break;
        case 5: bf16_tile(5, from, x_stride, panel, inputs, to); break;
        case 6: bf16_tile(6, from, x_stride, panel, inputs, to); break;
        }
        r += height;
    }
}
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), \
                             apply_to = function)
CODEC_INLINE void int8_tile(
    const int rows, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, const int8_t *panel,
    const float *totals, size_t inputs, float *sums) {
    for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
        size_t group = start / CODEC_GROUP, end = start + CODEC_GROUP < inputs ? start + CODEC_GROUP : inputs;
        __m512i parts[ROWS * VECTORS];
        CODEC_UNROLL for (int p = 0; p < rows * VECTORS; p++) parts[p] = _mm512_setzero_si512();
        for (size_t i = start; i < end; i += 4) {
            __m512i weights[VECTORS];
            CODEC_UNROLL for (int v = 0; v < VECTORS; v++)
                weights[v] = _mm512_loadu_si512(panel + i * CODEC_PANEL + v * 64);
            CODEC_UNROLL for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, x + (size_t)r * x_stride + i, sizeof four);
                __m512i value = _mm512_set1_epi32(four);
                CODEC_UNROLL for (int v = 0; v < VECTORS; v++)
                    parts[r * VECTORS + v] = _mm512_dpbusd_epi32(parts[r * VECTORS + v], value, weights[v]);
            }
        }
        CODEC_UNROLL for (int r = 0; r < rows; r++) {
            const float *scale = scales + (size_t)r * scale_stride + 2 * group;
            __m512 unit = _mm512_set1_ps(scale[0]), low = _mm512_set1_ps(scale[1]);
            CODEC_UNROLL for (int v = 0; v < VECTORS; v++) {
                __m512 part = _mm512_cvtepi32_ps(parts[r * VECTORS + v]);
                __m512 total = _mm512_loadu_ps(totals + group * CODEC_PANEL + v * 16);
                float *to = sums + r * CODEC_PANEL + v * 16;
                __m512 lows = start == 0 ? _mm512_mul_ps(total, low) : _mm512_fmadd_ps(total, low, _mm512_loadu_ps(to));
                _mm512_storeu_ps(to, _mm512_fmadd_ps(part, unit, lows));
            }
        }
    }
}

static void int8(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between) {
    (void)between;
    for (size_t r = 0; r < rows;) {
        size_t height = codec_tile_height(rows - r, ROWS);
        const uint8_t *from = x + r * x_stride;
        const float *scale = scales + r * scale_stride;
        float *to = sums + r * CODEC_PANEL;
#define TILE(rows) int8_tile(rows, from, x_stride, scale, scale_stride, panel, totals, inputs, to)
        switch (height) {
        case 1: TILE(1); break;
        case 2: TILE(2); break;
        case 3: TILE(3); break;
        case 4: TILE(4); break;
        case 5: TILE(5); break;
        case 6: TILE(6); break;
        }
#undef TILE
        r += height;
    }
}
#pragma clang attribute pop

const codec_bf16_panel codec_bf16_avx512_dot = bf16;
const codec_int8_panel codec_int8_avx512_dot = int8;
#endif
