// From numbers to packed tiles, once per model. Written so that every compiler target rounds alike: sums run in 16 lanes
// as in CKernels.h, and nothing is contracted.
#include <math.h>

#include "QuantisedLayout.h"

#if defined(__x86_64__)
#define LEVELS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LEVELS
#endif

enum { LANES = 16, SUBGROUPS = CLQ_GROUP / CLQ_SUBGROUP, FACTOR_MAX = 15 };

static float largest(const float *w, int count) {
    float highest = 0;
    for (int i = 0; i < count; i++) highest = fabsf(w[i]) > highest ? fabsf(w[i]) : highest;
    return highest;
}

/// The group's numbers, padded with zeros, turned.
static void gather(const float *w, size_t inputs, size_t g, float *group) {
    size_t left = inputs - g * CLQ_GROUP, count = left < CLQ_GROUP ? left : CLQ_GROUP;
    memset(group, 0, CLQ_GROUP * sizeof *group);
    memcpy(group, w + g * CLQ_GROUP, count * sizeof *group);
    clq_turn(group);
}

void clq_pack_8(const float *w, size_t inputs, size_t outputs, uint8_t *tile) {
    for (size_t g = 0; g < clq_groups(inputs); g++) {
        uint8_t *block = tile + g * CLQ_BLOCK_BYTES_8;
        memset(block, 0, 64);
        memset(block + 64, 128, CLQ_BLOCK_BYTES_8 - 64);
        for (size_t o = 0; o < outputs; o++) {
            float group[CLQ_GROUP];
            gather(w + o * inputs, inputs, g, group);
            float highest = largest(group, CLQ_GROUP), scale = highest / 127.0f;
            if (scale == 0 || !isfinite(1 / scale)) continue;
            memcpy(block + o * sizeof scale, &scale, sizeof scale);
            for (size_t i = 0; i < CLQ_GROUP; i++)
                block[64 + i / 4 * 64 + o * 4 + i % 4] = (uint8_t)((int)rintf(group[i] * (127.0f / highest)) + 128);
        }
    }
}

// MARK: 4 bits

static float nearest_level(float x) {
    float level = rintf(x);
    level = level < -8 ? -8 : level;
    return level > 7 ? 7 : level;
}

/// The squared error of one subgroup when a level stands for `step`.
LEVELS
static float error_at(const float *w, float step) {
    float inverse = step == 0 ? 0 : 1 / step, lanes[LANES] = {0};
    for (int i = 0; i < CLQ_SUBGROUP; i += LANES)
        for (int l = 0; l < LANES; l++) {
            float error = w[i + l] - nearest_level(w[i + l] * inverse) * step;
            lanes[l] += error * error;
        }
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

/// The factors with the least error under one scale; returns that error.
static float fit(const float *group, float scale, int factors[SUBGROUPS]) {
    float total = 0;
    for (int s = 0; s < SUBGROUPS; s++) {
        const float *w = group + s * CLQ_SUBGROUP;
        // No good step is far from the one that takes the largest magnitude just in.
        int top = (int)(largest(w, CLQ_SUBGROUP) / (7 * scale)) + 1;
        int from = top * 5 / 8, until = top < FACTOR_MAX ? top : FACTOR_MAX;
        if (from > FACTOR_MAX) from = FACTOR_MAX;
        float least = INFINITY;
        for (int factor = from; factor <= until; factor++) {
            float error = error_at(w, scale * (float)factor);
            if (error < least) {
                least = error;
                factors[s] = factor;
            }
        }
        total += least;
    }
    return total;
}

/// To the nearest, ties to even; `value` is finite.
static uint16_t bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static void pack_group_4(const float *group, size_t o, uint8_t *block) {
    float highest = largest(group, CLQ_GROUP);
    // The largest factor times 7 or 8 covers the largest weight, or cuts it a little where the others gain by it.
    static const float reaches[] = {6.2f, 6.6f, 7.0f, 7.5f, 8.0f, 8.5f};
    float least = INFINITY;
    uint16_t scale_bits = 0;
    int factors[SUBGROUPS] = {0};
    for (size_t n = 0; n < sizeof reaches / sizeof *reaches; n++) {
        uint16_t bits = bf16(highest / (reaches[n] * FACTOR_MAX));
        float scale = clq_bf16_widened(bits);
        if (scale == 0 || !isfinite(1 / scale)) continue;
        int tried[SUBGROUPS] = {0};
        float error = fit(group, scale, tried);
        if (error < least) {
            least = error;
            scale_bits = bits;
            memcpy(factors, tried, sizeof factors);
        }
    }
    memcpy(block + o * sizeof scale_bits, &scale_bits, sizeof scale_bits);
    uint16_t packed = 0;
    for (int s = 0; s < SUBGROUPS; s++) packed = (uint16_t)(packed | factors[s] << 4 * s);
    memcpy(block + 32 + o * sizeof packed, &packed, sizeof packed);
    float scale = clq_bf16_widened(scale_bits);
    for (size_t i = 0; i < CLQ_GROUP; i++) {
        float step = scale * (float)factors[i / CLQ_SUBGROUP];
        int level = step == 0 ? 8 : (int)nearest_level(group[i] * (1 / step)) + 8;
        size_t half = i / (CLQ_GROUP / 2), place = i % (CLQ_GROUP / 2);
        uint8_t *byte = block + 64 + place / 4 * 64 + o * 4 + place % 4;
        *byte = (uint8_t)(half == 0 ? (*byte & 0xF0) | level : (*byte & 0x0F) | level << 4);
    }
}

void clq_pack_4(const float *w, size_t inputs, size_t outputs, uint8_t *tile) {
    for (size_t g = 0; g < clq_groups(inputs); g++) {
        uint8_t *block = tile + g * CLQ_BLOCK_BYTES_4;
        memset(block, 0, 64);
        memset(block + 64, 0x88, CLQ_BLOCK_BYTES_4 - 64);
        for (size_t o = 0; o < outputs; o++) {
            float group[CLQ_GROUP];
            gather(w + o * inputs, inputs, g, group);
            pack_group_4(group, o, block);
        }
    }
}

// MARK: Back

static void unpack(const uint8_t *tile, size_t output, size_t inputs, float *w, size_t block_bytes,
                   int (*weight)(const uint8_t *, size_t, size_t), float (*scale)(const uint8_t *, size_t)) {
    for (size_t g = 0; g < clq_groups(inputs); g++) {
        const uint8_t *block = tile + g * block_bytes;
        float group[CLQ_GROUP];
        for (size_t i = 0; i < CLQ_GROUP; i++)
            group[i] = (float)weight(block, output, i) * scale(block, output) / CLQ_GROUP;
        clq_turn(group);
        size_t left = inputs - g * CLQ_GROUP, count = left < CLQ_GROUP ? left : CLQ_GROUP;
        memcpy(w + g * CLQ_GROUP, group, count * sizeof *w);
    }
}

void clq_unpack_8(const uint8_t *tile, size_t output, size_t inputs, float *w) {
    unpack(tile, output, inputs, w, CLQ_BLOCK_BYTES_8, clq_weight_8, clq_scale_8);
}

void clq_unpack_4(const uint8_t *tile, size_t output, size_t inputs, float *w) {
    unpack(tile, output, inputs, w, CLQ_BLOCK_BYTES_4, clq_weight_4, clq_scale_4);
}
