// The oracle: what CKernels.h promises, in plain loops. Other versions must give the same bits.
#include <math.h>
#include <string.h>

#include "Exponential.h"
#include "Versions.h"

enum { LANES = 16 };

static float widened(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static float folded(float *lanes) {
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
    return lanes[0];
}

static float exponential(float x) {
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

static void linear_f32(const float *x, size_t x_stride, size_t rows, const float *w, size_t inputs, size_t outputs,
                       float *y, size_t y_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            float lanes[LANES] = {0};
            for (size_t i = 0; i < inputs; i++)
                lanes[i % LANES] = fmaf(w[o * inputs + i], x[r * x_stride + i], lanes[i % LANES]);
            y[r * y_stride + o] = folded(lanes);
        }
}

static void linear_bf16(const float *x, size_t x_stride, size_t rows, const uint16_t *w, size_t inputs, size_t outputs,
                        float *y, size_t y_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            float lanes[LANES] = {0};
            for (size_t i = 0; i < inputs; i++)
                lanes[i % LANES] = fmaf(widened(w[o * inputs + i]), x[r * x_stride + i], lanes[i % LANES]);
            y[r * y_stride + o] = folded(lanes);
        }
}

static float exp_sum(float *x, float shift, size_t count) {
    float lanes[LANES] = {0};
    for (size_t i = 0; i < count; i++) {
        x[i] = exponential(x[i] - shift);
        lanes[i % LANES] = lanes[i % LANES] + x[i];
    }
    return folded(lanes);
}

static void attention(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                      size_t width, const float *const *pages, size_t k_offset, size_t v_offset, float scale,
                      float *y, size_t y_stride) {
    for (size_t row = 0; row < positions * group; row++) {
        const float *query = q + row / group * q_stride + row % group * width;
        float *out = y + row / group * y_stride + row % group * width;
        size_t keys = first_position + row / group + 1;
        float highest = -INFINITY, sum = 0;
        for (size_t d = 0; d < width; d++) out[d] = 0;
        for (size_t page = 0; page * CLQ_PAGE_ROWS < keys; page++) {
            size_t seen = keys - page * CLQ_PAGE_ROWS;
            if (seen > CLQ_PAGE_ROWS) seen = CLQ_PAGE_ROWS;
            const float *values = pages[page] + v_offset;
            float scores[CLQ_PAGE_ROWS];
            linear_f32(query, width, 1, pages[page] + k_offset, width, seen, scores, seen);
            float before = highest;
            for (size_t j = 0; j < seen; j++) {
                scores[j] = scores[j] * scale;
                highest = scores[j] > highest ? scores[j] : highest;
            }
            float shrink = exponential(before - highest);
            sum = fmaf(sum, shrink, exp_sum(scores, highest, seen));
            for (size_t d = 0; d < width; d++) {
                out[d] = out[d] * shrink;
                for (size_t j = 0; j < seen; j++) out[d] = fmaf(scores[j], values[j * width + d], out[d]);
            }
        }
        float inverse = 1.0f / sum;
        for (size_t d = 0; d < width; d++) out[d] = out[d] * inverse;
    }
}

static void rms_norm(const float *x, const float *weight, float eps, size_t count, float *y) {
    float lanes[LANES] = {0};
    for (size_t i = 0; i < count; i++) lanes[i % LANES] = fmaf(x[i], x[i], lanes[i % LANES]);
    float factor = 1.0f / sqrtf(folded(lanes) / (float)count + eps);
    for (size_t i = 0; i < count; i++) y[i] = x[i] * factor * weight[i];
}

static void rotate_halves(float *x, const float *cosines, const float *sines, size_t half) {
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = fmaf(a, cosines[i], -(b * sines[i]));
        x[i + half] = fmaf(b, cosines[i], a * sines[i]);
    }
}

static void silu_multiply(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i++) gate[i] = gate[i] / (1.0f + exponential(-gate[i])) * up[i];
}

static void add_f32(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] + y[i];
}

static void add_bf16(float *x, const uint16_t *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] + widened(y[i]);
}

const clq_kernels clq_scalar = {
    .linear_f32 = linear_f32,
    .linear_bf16 = linear_bf16,
    .attention = attention,
    .rms_norm = rms_norm,
    .rotate_halves = rotate_halves,
    .silu_multiply = silu_multiply,
    .add_f32 = add_f32,
    .add_bf16 = add_bf16,
    .exp_sum = exp_sum,
};
