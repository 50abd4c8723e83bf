// Reading packed blocks, for the oracle and the packer. include/quantised.h defines the layout.
#pragma once

#include <string.h>

#include "quantised.h"

static inline float clq_bf16_widened(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static inline size_t clq_groups(size_t inputs) { return (inputs + CLQ_GROUP - 1) / CLQ_GROUP; }

static inline float clq_scale_8(const uint8_t *block, size_t output) {
    float scale;
    memcpy(&scale, block + output * sizeof scale, sizeof scale);
    return scale;
}

static inline int clq_weight_8(const uint8_t *block, size_t output, size_t input) {
    return block[64 + input / 4 * 64 + output * 4 + input % 4] - 128;
}

static inline float clq_scale_4(const uint8_t *block, size_t output) {
    uint16_t bits;
    memcpy(&bits, block + output * sizeof bits, sizeof bits);
    return clq_bf16_widened(bits);
}

/// q * s of one weight.
static inline int clq_weight_4(const uint8_t *block, size_t output, size_t input) {
    uint16_t factors;
    memcpy(&factors, block + 32 + output * sizeof factors, sizeof factors);
    int factor = factors >> (input / CLQ_SUBGROUP * 4) & 15;
    size_t half = input / (CLQ_GROUP / 2), place = input % (CLQ_GROUP / 2);
    int nibble = block[64 + place / 4 * 64 + output * 4 + place % 4] >> (4 * half) & 15;
    return (nibble - 8) * factor;
}

/// The Walsh-Hadamard matrix times a group, in place. Twice makes CLQ_GROUP times the group.
static inline void clq_turn(float *group) {
    for (int stride = CLQ_GROUP / 2; stride > 0; stride /= 2)
        for (int start = 0; start < CLQ_GROUP; start += 2 * stride)
            for (int i = start; i < start + stride; i++) {
                float a = group[i], b = group[i + stride];
                group[i] = a + b;
                group[i + stride] = a - b;
            }
}
