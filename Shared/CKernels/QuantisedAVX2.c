// The quantised layers with AVX2. A vector of packed weights, 4 inputs of 16 outputs, is two registers.
//
// 4 bits: one instruction multiplies 32 unsigned bytes, q + 8, by 32 signed ones and adds neighbours in 16 bits. The 16
// products that meet in a lane over a subgroup stay within 16 * 15 * 127 = 30480; then the lane meets its factor and
// goes on in 32 bits. Two lanes make an output, and each starts at -4 times the activations' sum, which takes the 8 out.
// No sum on the way is larger, because it holds each activation -4 ... 11 times.
//
// 8 bits: such sums would overflow. Weights, as integer + 128, and activations are spread to 16 bits; an instruction
// multiplies 16 pairs and adds neighbours in 32 bits. Sums start at -128 times the activations' sum.
//
// Weights are spread again for each tile of rows: writing them down for all the rows takes longer.
#if defined(__x86_64__)
#include <immintrin.h>

// A 64-byte vector as an argument has no fixed convention here; every function that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "QuantisedRows.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
// Unrolled, the sums would leave their registers.
#define ROLL _Pragma("clang loop unroll(disable)")

enum {
    VECTORS = CLQ_GROUP / 4, // of a group's inputs, in fours
    SUBGROUPS = CLQ_GROUP / CLQ_SUBGROUP,
    HALF = CLQ_TILE / 2, // outputs of a register
    ROW_BLOCK = 64,      // rows whose sums stay in the first cache
    ROW_TILE = 4,        // rows whose sums of a tile stay in registers
    AHEAD = 3072,        // bytes that weights are asked for in advance
};

INLINE __m256i load_256(const void *p) { return _mm256_loadu_si256(p); }
INLINE void store_256(void *p, __m256i v) { _mm256_storeu_si256(p, v); }
INLINE __m256i even_unsigned(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi16(255)); }
INLINE __m256i odd_unsigned(__m256i bytes) { return _mm256_srli_epi16(bytes, 8); }
INLINE __m256i low_nibbles(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }
INLINE __m256i high_nibbles(__m256i bytes) { return low_nibbles(_mm256_srli_epi16(bytes, 4)); }

/// The same four bytes for every output.
INLINE __m256i repeated(const void *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

// MARK: Activations

/// One group of a tile of rows.
typedef struct wide_rows {
    /// 8 bits: of each four inputs the even ones, and the odd ones, in 16 bits.
    int32_t even[ROW_TILE][VECTORS], odd[ROW_TILE][VECTORS];
    /// What the lanes start with; 8 bits use the first.
    int32_t starts[ROW_TILE][SUBGROUPS];
} wide_rows;

INLINE void widen_rows(const int bits, const int rows, clq_quantised_rows x, wide_rows *wide) {
    UNROLL for (int r = 0; r < rows; r++) {
        if (bits == 4) {
            __m128i sums = _mm_loadu_si128((const __m128i *)x.sums[r].subgroups);
            sums = _mm_slli_epi32(_mm_sub_epi32(_mm_setzero_si128(), sums), 2);
            sums = _mm_blend_epi16(sums, _mm_slli_epi32(sums, 16), 0xAA);
            _mm_storeu_si128((__m128i *)wide->starts[r], sums);
            continue;
        }
        wide->starts[r][0] = -128 * x.sums[r].all;
        UNROLL for (int n = 0; n < CLQ_GROUP; n += 32) {
            __m256i bytes = load_256(x.values + r * CLQ_GROUP + n);
            store_256(wide->even[r] + n / 4, _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8));
            store_256(wide->odd[r] + n / 4, _mm256_srai_epi16(bytes, 8));
        }
    }
}

// MARK: Weights

/// What a block says of its outputs.
typedef struct block_scales {
    _Alignas(32) int32_t factors[SUBGROUPS][CLQ_TILE]; // twice, in 16 bits each
    _Alignas(32) float scales[CLQ_TILE];
} block_scales;

INLINE void read_scales(const int bits, const uint8_t *block, block_scales *to) {
    if (bits == 8) {
        memcpy(to->scales, block, sizeof to->scales);
        return;
    }
    UNROLL for (int half = 0; half < 2; half++) {
        const __m128i *words = (const __m128i *)(block + half * 16);
        __m256i scales = _mm256_cvtepu16_epi32(_mm_loadu_si128(words));
        __m256i factors = _mm256_cvtepu16_epi32(_mm_loadu_si128(words + 2));
        store_256(to->scales + half * HALF, _mm256_slli_epi32(scales, 16));
        UNROLL for (int s = 0; s < SUBGROUPS; s++) {
            __m256i one = _mm256_and_si256(_mm256_srli_epi32(factors, 4 * s), _mm256_set1_epi32(15));
            store_256(to->factors[s] + half * HALF, _mm256_or_si256(one, _mm256_slli_epi32(one, 16)));
        }
    }
}

// MARK: Products

INLINE void add_dot(float *sum, __m256i dot, float x_scale, const float *w_scales) {
    __m256 scale = _mm256_mul_ps(_mm256_set1_ps(x_scale), _mm256_loadu_ps(w_scales));
    _mm256_storeu_ps(sum, _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), scale, _mm256_loadu_ps(sum)));
}

/// One group of `rows` (a constant) x CLQ_TILE elements; dots: [row][half].
INLINE void dots_8(const int rows, const wide_rows *x, const uint8_t *block, __m256i dots[][2]) {
    UNROLL for (int r = 0; r < rows; r++) dots[r][0] = dots[r][1] = repeated(x->starts[r]);
    ROLL for (int v = 0; v < VECTORS; v++) {
        _mm_prefetch(block + 64 + v * 64 + AHEAD, _MM_HINT_T0);
        __m256i low = load_256(block + 64 + v * 64), high = load_256(block + 64 + v * 64 + 32);
        UNROLL for (int odd = 0; odd < 2; odd++) {
            __m256i weights[2] = {odd ? odd_unsigned(low) : even_unsigned(low),
                                  odd ? odd_unsigned(high) : even_unsigned(high)};
            UNROLL for (int r = 0; r < rows; r++) {
                __m256i values = repeated(odd ? &x->odd[r][v] : &x->even[r][v]);
                UNROLL for (int half = 0; half < 2; half++)
                    dots[r][half] = _mm256_add_epi32(dots[r][half], _mm256_madd_epi16(values, weights[half]));
            }
        }
    }
}

/// A lone row: both nibbles of a vector at once.
INLINE void dots_4_of_row(clq_quantised_rows x, const int32_t starts[SUBGROUPS], const uint8_t *block,
                          const block_scales *scales, __m256i dots[2]) {
    dots[0] = dots[1] = _mm256_setzero_si256();
    UNROLL for (int s = 0; s < SUBGROUPS / 2; s++) {
        __m256i lows[2], highs[2];
        lows[0] = lows[1] = repeated(starts + s);
        highs[0] = highs[1] = repeated(starts + s + SUBGROUPS / 2);
        UNROLL for (int n = 0; n < VECTORS / SUBGROUPS; n++) {
            int v = s * VECTORS / SUBGROUPS + n;
            _mm_prefetch(block + 64 + v * 64 + AHEAD, _MM_HINT_T0);
            __m256i low = repeated(x.values + 4 * v), high = repeated(x.values + CLQ_GROUP / 2 + 4 * v);
            UNROLL for (int half = 0; half < 2; half++) {
                __m256i both = load_256(block + 64 + v * 64 + half * 32);
                lows[half] = _mm256_add_epi16(lows[half], _mm256_maddubs_epi16(low_nibbles(both), low));
                highs[half] = _mm256_add_epi16(highs[half], _mm256_maddubs_epi16(high_nibbles(both), high));
            }
        }
        UNROLL for (int half = 0; half < 2; half++) {
            const int32_t(*factors)[CLQ_TILE] = scales->factors + s;
            __m256i low = _mm256_madd_epi16(lows[half], load_256(factors[0] + half * HALF));
            __m256i high = _mm256_madd_epi16(highs[half], load_256(factors[SUBGROUPS / 2] + half * HALF));
            dots[half] = _mm256_add_epi32(dots[half], _mm256_add_epi32(low, high));
        }
    }
}

INLINE void dots_4(const int rows, clq_quantised_rows x, const wide_rows *wide, const uint8_t *block,
                   const block_scales *scales, __m256i dots[][2]) {
    UNROLL for (int s = 0; s < SUBGROUPS; s++) {
        const int high = s >= SUBGROUPS / 2;
        __m256i pairs[ROW_TILE][2];
        UNROLL for (int r = 0; r < rows; r++) pairs[r][0] = pairs[r][1] = repeated(&wide->starts[r][s]);
        ROLL for (int v = s * VECTORS / SUBGROUPS; v < (s + 1) * VECTORS / SUBGROUPS; v++) {
            const uint8_t *packed = block + 64 + (high ? v - VECTORS / 2 : v) * 64;
            if (!high) _mm_prefetch(packed + AHEAD, _MM_HINT_T0);
            __m256i weights[2];
            UNROLL for (int half = 0; half < 2; half++)
                weights[half] = high ? high_nibbles(load_256(packed + half * 32)) : low_nibbles(load_256(packed + half * 32));
            UNROLL for (int r = 0; r < rows; r++) {
                __m256i values = repeated(x.values + r * CLQ_GROUP + 4 * v);
                UNROLL for (int half = 0; half < 2; half++)
                    pairs[r][half] = _mm256_add_epi16(pairs[r][half], _mm256_maddubs_epi16(weights[half], values));
            }
        }
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int half = 0; half < 2; half++) {
                __m256i sum = _mm256_madd_epi16(pairs[r][half], load_256(scales->factors[s] + half * HALF));
                dots[r][half] = s == 0 ? sum : _mm256_add_epi32(dots[r][half], sum);
            }
    }
}

/// Adds one group of `rows` rows (a constant) to `sums`, [row][CLQ_TILE].
INLINE void add_group(const int bits, const int rows, clq_quantised_rows x, const uint8_t *block,
                      const block_scales *scales, float *sums) {
    wide_rows wide;
    widen_rows(bits, rows, x, &wide);
    __m256i dots[ROW_TILE][2];
    if (bits == 8)
        dots_8(rows, &wide, block, dots);
    else if (rows == 1)
        dots_4_of_row(x, wide.starts[0], block, scales, dots[0]);
    else
        dots_4(rows, x, &wide, block, scales, dots);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int half = 0; half < 2; half++)
            add_dot(sums + r * CLQ_TILE + half * HALF, dots[r][half], x.scales[r], scales->scales + half * HALF);
}

/// One tile for up to ROW_BLOCK rows.
INLINE void block_of_rows(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w,
                          size_t groups, size_t outputs, float *y, size_t y_stride) {
    _Alignas(64) float sums[ROW_BLOCK][CLQ_TILE];
    memset(sums, 0, rows * sizeof sums[0]);
    for (size_t g = 0; g < groups; g++, x = clq_rows_from(x, x_stride), w += bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4) {
        block_scales scales;
        read_scales(bits, w, &scales);
        size_t r = 0;
        for (; r + ROW_TILE <= rows; r += ROW_TILE) add_group(bits, ROW_TILE, clq_rows_from(x, r), w, &scales, sums[r]);
        switch (rows - r) {
        case 1: add_group(bits, 1, clq_rows_from(x, r), w, &scales, sums[r]); break;
        case 2: add_group(bits, 2, clq_rows_from(x, r), w, &scales, sums[r]); break;
        case 3: add_group(bits, 3, clq_rows_from(x, r), w, &scales, sums[r]); break;
        }
    }
    for (size_t r = 0; r < rows; r++)
        memcpy(y + r * y_stride, sums[r], (outputs < CLQ_TILE ? outputs : CLQ_TILE) * sizeof *y);
}

#include "QuantisedTiles.h"
#include "QuantisedGated.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_avx2 = QUANTISED_KERNELS(linear_8, linear_4);
#endif
