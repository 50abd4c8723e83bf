// What the oracles are made of, in plain loops: the lanes of a sum, their fold, the exponential.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "Exponential.h"

enum { LANES = 16 };

static inline float widened(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static inline float folded(float *lanes) {
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
    return lanes[0];
}

static inline float exponential(float x) {
    if (x < EXP_LOWEST) return 0;
    if (x > EXP_HIGHEST) x = EXP_HIGHEST;
    float n = rintf(x * EXP_LOG2_E);
    float r = fmaf(n, -EXP_LN2_HIGH, x);
    r = fmaf(n, -EXP_LN2_LOW, r);
    float p = EXP_C0;
    p = fmaf(p, r, EXP_C1);
    p = fmaf(p, r, EXP_C2);
    p = fmaf(p, r, EXP_C3);
    p = fmaf(p, r, EXP_C4);
    p = fmaf(p, r, EXP_C5);
    p = fmaf(p, r * r, r) + 1.0f;
    if (!(n >= -126 && n <= 127)) return p; // NaN
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/// gate = silu(gate) * up.
static inline void gate_row(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i++) gate[i] = gate[i] / (1.0f + exponential(-gate[i])) * up[i];
}

static inline float exp_sum(float *x, float shift, size_t count) {
    float lanes[LANES] = {0};
    for (size_t i = 0; i < count; i++) {
        x[i] = exponential(x[i] - shift);
        lanes[i % LANES] = lanes[i % LANES] + x[i];
    }
    return folded(lanes);
}
