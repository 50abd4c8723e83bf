// Quantising a row, for whatever instruction set the including file has switched on; the compiler makes vectors of these
// loops. Same bits as the oracle: all is element by element, or in integers.
#include <math.h>
#include <string.h>

#include "Lanes.h"
#include "QuantisedLayout.h"
#include "QuantisedVersions.h"

/// One stage of the butterflies inside a vector: `swapped` holds each lane's partner, `signs` the sign bit where the lane
/// is the upper of its pair.
INLINE lanes_f32 butterfly(lanes_f32 v, lanes_f32 swapped, lanes_u32 signs) {
    return swapped + (lanes_f32)((lanes_u32)v ^ signs);
}

/// As clq_turn: the first three stages from vector to vector, the others inside each.
INLINE void turn(const float *from, float *to) {
    enum { VECTORS_OF_FLOATS = CLQ_GROUP / LANES };
    const uint32_t minus = 0x80000000;
    lanes_f32 v[VECTORS_OF_FLOATS];
    for (int i = 0; i < VECTORS_OF_FLOATS; i++) v[i] = load(from + i * LANES);
    for (int stride = VECTORS_OF_FLOATS / 2; stride > 0; stride /= 2)
        for (int start = 0; start < VECTORS_OF_FLOATS; start += 2 * stride)
            for (int i = start; i < start + stride; i++) {
                lanes_f32 a = v[i], b = v[i + stride];
                v[i] = a + b;
                v[i + stride] = a - b;
            }
    const lanes_u32 by8 = {0, 0, 0, 0, 0, 0, 0, 0, minus, minus, minus, minus, minus, minus, minus, minus};
    const lanes_u32 by4 = {0, 0, 0, 0, minus, minus, minus, minus, 0, 0, 0, 0, minus, minus, minus, minus};
    const lanes_u32 by2 = {0, 0, minus, minus, 0, 0, minus, minus, 0, 0, minus, minus, 0, 0, minus, minus};
    const lanes_u32 by1 = {0, minus, 0, minus, 0, minus, 0, minus, 0, minus, 0, minus, 0, minus, 0, minus};
    for (int i = 0; i < VECTORS_OF_FLOATS; i++) {
        lanes_f32 x = v[i];
        x = butterfly(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), by8);
        x = butterfly(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11), by4);
        x = butterfly(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13), by2);
        x = butterfly(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), by1);
        store(to + i * LANES, x);
    }
}

static void quantise_group(const float *restrict numbers, clq_quantised_group *restrict group) {
    float from[CLQ_GROUP] __attribute__((aligned(64)));
    turn(numbers, from);
    uint32_t bits[CLQ_GROUP], highest_bits = 0;
    memcpy(bits, from, sizeof bits);
    // Magnitudes order as their bits do; infinities and what is no number stand above all.
    for (int i = 0; i < CLQ_GROUP; i++) {
        uint32_t magnitude = bits[i] & 0x7FFFFFFF;
        highest_bits = magnitude > highest_bits ? magnitude : highest_bits;
    }
    float highest;
    memcpy(&highest, &highest_bits, sizeof highest);
    memset(group, 0, sizeof *group);
    if (highest_bits >= 0x7F800000) group->scale = NAN;
    if (highest_bits >= 0x7F800000 || highest < CLQ_QUANTISED_LEAST) return;
    group->scale = highest / 127.0f / CLQ_GROUP;
    float inverse = 127.0f / highest;
    int32_t values[CLQ_GROUP];
    // Adding 1.5 * 2^23 leaves the nearest integer, ties to even, in the lowest bits.
    for (int i = 0; i < CLQ_GROUP; i++) {
        float shifted = from[i] * inverse + 0x1.8p23f;
        int32_t integer;
        memcpy(&integer, &shifted, sizeof integer);
        values[i] = integer - 0x4B400000;
    }
    for (int i = 0; i < CLQ_GROUP; i++) group->values[i] = (int8_t)values[i];
    for (int s = 0; s < CLQ_GROUP / CLQ_SUBGROUP; s++) {
        int32_t sum = 0;
        for (int i = 0; i < CLQ_SUBGROUP; i++) sum += values[s * CLQ_SUBGROUP + i];
        group->subgroup_sums[s] = sum;
        group->sum += sum;
    }
}

static void quantise(const float *x, size_t inputs, clq_quantised_group *out, size_t out_stride) {
    size_t whole = inputs / CLQ_GROUP, rest = inputs % CLQ_GROUP;
    for (size_t g = 0; g < whole; g++) quantise_group(x + g * CLQ_GROUP, out + g * out_stride);
    if (rest > 0) {
        float padded[CLQ_GROUP] = {0};
        memcpy(padded, x + whole * CLQ_GROUP, rest * sizeof *x);
        quantise_group(padded, out + whole * out_stride);
    }
}
