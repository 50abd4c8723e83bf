// The quantised layers for arm64 with its instruction for dot products of bytes: 4 inputs of 4 outputs at once, weights
// and activations signed. A vector of packed weights, 4 inputs of 16 outputs, is four registers.
//
// 8 bits: the integer + 128 becomes the integer by its highest bit. 4 bits: q + 8 is below 16, so it serves as it is, and
// a subgroup's sums start at -8 times that of its activations; then they meet their factor.
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)
#include "QuantisedRows.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
// Unrolled, the sums would leave their registers.
#define ROLL _Pragma("clang loop unroll(disable)")

enum {
    QUARTERS = 4, // registers of a tile's outputs
    QUARTER = CLQ_TILE / QUARTERS,
    SUBGROUPS = CLQ_GROUP / CLQ_SUBGROUP,
    VECTORS_AT_ONCE = 4,                    // whose inputs fill a register
    STEPS = CLQ_GROUP / 4 / VECTORS_AT_ONCE, // of a group
    ROW_BLOCK = 64,                         // rows whose sums stay in the first cache
    ROW_TILE = 4,                           // rows whose sums of a tile stay in registers
    AHEAD = 3072,                           // bytes that weights are asked for in advance
};

/// sums[row][quarter] += 16 inputs of every row with four vectors of weights. to_signed: from bytes as they are packed.
#define ADD_PRODUCTS(rows, values, packed, to_signed, sums)                                                \
    UNROLL for (int v = 0; v < VECTORS_AT_ONCE; v++)                                                       \
        UNROLL for (int q = 0; q < QUARTERS; q++) {                                                        \
            int8x16_t weights = vreinterpretq_s8_u8(to_signed(vld1q_u8((packed) + v * 64 + q * 16)));      \
            UNROLL for (int r = 0; r < (rows); r++) {                                                      \
                switch (v) {                                                                               \
                case 0: (sums)[r][q] = vdotq_laneq_s32((sums)[r][q], weights, (values)[r], 0); break;      \
                case 1: (sums)[r][q] = vdotq_laneq_s32((sums)[r][q], weights, (values)[r], 1); break;      \
                case 2: (sums)[r][q] = vdotq_laneq_s32((sums)[r][q], weights, (values)[r], 2); break;      \
                case 3: (sums)[r][q] = vdotq_laneq_s32((sums)[r][q], weights, (values)[r], 3); break;      \
                }                                                                                          \
            }                                                                                              \
        }

INLINE uint8x16_t less_128(uint8x16_t bytes) { return veorq_u8(bytes, vdupq_n_u8(128)); }
INLINE uint8x16_t low_nibbles(uint8x16_t bytes) { return vandq_u8(bytes, vdupq_n_u8(15)); }
INLINE uint8x16_t high_nibbles(uint8x16_t bytes) { return vshrq_n_u8(bytes, 4); }

INLINE void ask_for(const uint8_t *packed) {
    UNROLL for (int v = 0; v < VECTORS_AT_ONCE; v++) __builtin_prefetch(packed + v * 64 + AHEAD);
}

/// One group of `rows` (a constant) x CLQ_TILE elements.
INLINE void dots_8(const int rows, clq_quantised_rows x, const uint8_t *block, int32x4_t dots[][QUARTERS]) {
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int q = 0; q < QUARTERS; q++) dots[r][q] = vdupq_n_s32(0);
    ROLL for (int step = 0; step < STEPS; step++) {
        const uint8_t *packed = block + 64 + step * VECTORS_AT_ONCE * 64;
        int8x16_t values[ROW_TILE];
        ask_for(packed);
        UNROLL for (int r = 0; r < rows; r++) values[r] = vld1q_s8(x.values + r * CLQ_GROUP + step * 16);
        ADD_PRODUCTS(rows, values, packed, less_128, dots)
    }
}

INLINE void dots_4(const int rows, clq_quantised_rows x, const uint8_t *block, int32x4_t dots[][QUARTERS]) {
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int q = 0; q < QUARTERS; q++) dots[r][q] = vdupq_n_s32(0);
    UNROLL for (int s = 0; s < SUBGROUPS; s++) {
        int32x4_t sums[ROW_TILE][QUARTERS];
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int q = 0; q < QUARTERS; q++) sums[r][q] = vdupq_n_s32(-8 * x.sums[r].subgroups[s]);
        ROLL for (int step = s * STEPS / SUBGROUPS; step < (s + 1) * STEPS / SUBGROUPS; step++) {
            int8x16_t values[ROW_TILE];
            UNROLL for (int r = 0; r < rows; r++) values[r] = vld1q_s8(x.values + r * CLQ_GROUP + step * 16);
            if (s < SUBGROUPS / 2) {
                const uint8_t *packed = block + 64 + step * VECTORS_AT_ONCE * 64;
                ask_for(packed);
                ADD_PRODUCTS(rows, values, packed, low_nibbles, sums)
            } else {
                const uint8_t *packed = block + 64 + (step - STEPS / 2) * VECTORS_AT_ONCE * 64;
                ADD_PRODUCTS(rows, values, packed, high_nibbles, sums)
            }
        }
        UNROLL for (int q = 0; q < QUARTERS; q++) {
            uint32x4_t words = vmovl_u16(vld1_u16((const uint16_t *)(block + 32) + q * QUARTER));
            int32x4_t factors = vreinterpretq_s32_u32(vandq_u32(vshlq_u32(words, vdupq_n_s32(-4 * s)), vdupq_n_u32(15)));
            UNROLL for (int r = 0; r < rows; r++) dots[r][q] = vmlaq_s32(dots[r][q], sums[r][q], factors);
        }
    }
}

INLINE float32x4_t scales(const int bits, const uint8_t *block, int q) {
    if (bits == 8) return vld1q_f32((const float *)block + q * QUARTER);
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16((const uint16_t *)block + q * QUARTER), 16));
}

/// Adds one group of `rows` rows to `sums`, [row][CLQ_TILE].
INLINE void add_group(const int bits, const int rows, clq_quantised_rows x, const uint8_t *block,
                      float *sums) {
    int32x4_t dots[ROW_TILE][QUARTERS];
    if (bits == 8)
        dots_8(rows, x, block, dots);
    else
        dots_4(rows, x, block, dots);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int q = 0; q < QUARTERS; q++) {
            float *sum = sums + r * CLQ_TILE + q * QUARTER;
            float32x4_t scale = vmulq_n_f32(scales(bits, block, q), x.scales[r]);
            vst1q_f32(sum, vfmaq_f32(vld1q_f32(sum), vcvtq_f32_s32(dots[r][q]), scale));
        }
}

/// One tile for up to ROW_BLOCK rows.
INLINE void block_of_rows(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w,
                          size_t groups, size_t outputs, float *y, size_t y_stride) {
    _Alignas(64) float sums[ROW_BLOCK][CLQ_TILE];
    memset(sums, 0, rows * sizeof sums[0]);
    for (size_t g = 0; g < groups; g++, x = clq_rows_from(x, x_stride), w += bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4) {
        size_t r = 0;
        for (; r + ROW_TILE <= rows; r += ROW_TILE) add_group(bits, ROW_TILE, clq_rows_from(x, r), w, sums[r]);
        switch (rows - r) {
        case 1: add_group(bits, 1, clq_rows_from(x, r), w, sums[r]); break;
        case 2: add_group(bits, 2, clq_rows_from(x, r), w, sums[r]); break;
        case 3: add_group(bits, 3, clq_rows_from(x, r), w, sums[r]); break;
        }
    }
    for (size_t r = 0; r < rows; r++)
        memcpy(y + r * y_stride, sums[r], (outputs < CLQ_TILE ? outputs : CLQ_TILE) * sizeof *y);
}

#include "QuantisedTiles.h"
#include "QuantisedGated.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_neon = QUANTISED_KERNELS(linear_8, linear_4);
#endif
