// Quantising a row, for whatever instruction set the including file has switched on; the compiler makes vectors of these
// loops. Same bits as the oracle: all is element by element, or in integers.
#include <math.h>
#include <string.h>

#include "Lanes.h"
#include "QuantisedLayout.h"
#include "QuantisedVersions.h"

/// One stage of the butterflies inside a vector: `swapped` holds each lane's partner, `signs` -1 where the lane is the upper
/// of its pair, else 1.
INLINE lanes_f32 butterfly(lanes_f32 v, lanes_f32 swapped, lanes_f32 signs) { return fma_lanes(v, signs, swapped); }

enum { VECTORS_OF_LANES = CLQ_GROUP / LANES };

/// As clq_turn: the first three stages from vector to vector, the others inside each.
INLINE void turn(const float *from, lanes_f32 *v) {
    for (int i = 0; i < VECTORS_OF_LANES; i++) v[i] = load(from + i * LANES);
    for (int stride = VECTORS_OF_LANES / 2; stride > 0; stride /= 2)
        for (int start = 0; start < VECTORS_OF_LANES; start += 2 * stride)
            for (int i = start; i < start + stride; i++) {
                lanes_f32 a = v[i], b = v[i + stride];
                v[i] = a + b;
                v[i + stride] = a - b;
            }
    const lanes_f32 by8 = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
    const lanes_f32 by4 = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
    const lanes_f32 by2 = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
    const lanes_f32 by1 = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
    for (int i = 0; i < VECTORS_OF_LANES; i++) {
        lanes_f32 x = v[i];
        x = butterfly(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), by8);
        x = butterfly(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11), by4);
        x = butterfly(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13), by2);
        v[i] = butterfly(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), by1);
    }
}

/// The lanes of each subgroup added.
INLINE clq_quantised_sums sums_of(const lanes_i32 *subgroups) {
    typedef int32_t four_i32 __attribute__((vector_size(16)));
    // Eight lanes of two, then four of all, each half of what was before added to the other.
    lanes_i32 pair[2], all;
    for (int p = 0; p < 2; p++) {
        lanes_i32 a = subgroups[2 * p], b = subgroups[2 * p + 1];
        pair[p] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                  __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
    all = __builtin_shufflevector(pair[0], pair[1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
          __builtin_shufflevector(pair[0], pair[1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    all = all + __builtin_shufflevector(all, all, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    all = all + __builtin_shufflevector(all, all, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    four_i32 four = __builtin_shufflevector(all, all, 0, 4, 8, 12);
    clq_quantised_sums sums = {.all = four[0] + four[1] + four[2] + four[3]};
    memcpy(sums.subgroups, &four, sizeof four);
    return sums;
}

static void quantise_group(const float *restrict numbers, clq_quantised_rows group) {
    typedef int8_t lanes_i8 __attribute__((vector_size(16)));
    lanes_f32 v[VECTORS_OF_LANES];
    turn(numbers, v);
    // Magnitudes order as their bits do; infinities and what is no number stand above all.
    lanes_i32 magnitudes = (lanes_i32)v[0] & 0x7FFFFFFF;
    for (int i = 1; i < VECTORS_OF_LANES; i++)
        magnitudes = __builtin_elementwise_max(magnitudes, (lanes_i32)v[i] & 0x7FFFFFFF);
    int32_t highest_bits = __builtin_reduce_max(magnitudes);
    float highest;
    memcpy(&highest, &highest_bits, sizeof highest);
    if (highest_bits >= 0x7F800000 || highest < CLQ_QUANTISED_LEAST) {
        memset(group.values, 0, CLQ_GROUP);
        memset(group.sums, 0, sizeof *group.sums);
        *group.scales = highest_bits >= 0x7F800000 ? NAN : 0;
        return;
    }
    *group.scales = highest / 127.0f / CLQ_GROUP;
    float inverse = 127.0f / highest;
    lanes_i32 sums[CLQ_GROUP / CLQ_SUBGROUP] = {{0}};
    for (int i = 0; i < VECTORS_OF_LANES; i++) {
        // Adding 1.5 * 2^23 leaves the nearest integer, ties to even, in the lowest bits.
        lanes_i32 values = (lanes_i32)(v[i] * all(inverse) + all(0x1.8p23f)) - 0x4B400000;
        lanes_i8 bytes = __builtin_convertvector(values, lanes_i8);
        memcpy(group.values + i * LANES, &bytes, sizeof bytes);
        sums[i * LANES / CLQ_SUBGROUP] += values;
    }
    *group.sums = sums_of(sums);
}

static void quantise(const float *x, size_t inputs, clq_quantised_rows out, size_t out_stride) {
    size_t whole = inputs / CLQ_GROUP, rest = inputs % CLQ_GROUP;
    for (size_t g = 0; g < whole; g++) quantise_group(x + g * CLQ_GROUP, clq_rows_from(out, g * out_stride));
    if (rest > 0) {
        float padded[CLQ_GROUP] = {0};
        memcpy(padded, x + whole * CLQ_GROUP, rest * sizeof *x);
        quantise_group(padded, clq_rows_from(out, whole * out_stride));
    }
}
