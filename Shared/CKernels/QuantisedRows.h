// Quantising a row, for whatever instruction set the including file has switched on; the compiler makes vectors of these
// loops. Same bits as the oracle: all is element by element, or in integers.
#include <math.h>
#include <string.h>

#include "QuantisedLayout.h"
#include "QuantisedVersions.h"

static void quantise_group(const float *restrict from, clq_quantised_group *restrict group) {
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
    group->scale = highest / 127.0f;
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
