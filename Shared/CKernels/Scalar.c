// The oracle: what CKernels.h promises, in plain loops. Other versions must give the same bits.
#include <math.h>
#include <string.h>

#include "Oracle.h"
#include "Versions.h"

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

static void silu_multiply(float *gate, const float *up, size_t count) { gate_row(gate, up, count); }

static void add_f32(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] + y[i];
}

static void add_rms_norm(float *x, const float *y, const float *weight, float eps, size_t count, float *z) {
    add_f32(x, y, count);
    rms_norm(x, weight, eps, count, z);
}

static void add_bf16(float *x, const uint16_t *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] + widened(y[i]);
}

const clq_kernels clq_scalar = {
    .linear_f32 = linear_f32,
    .linear_bf16 = linear_bf16,
    .rms_norm = rms_norm,
    .add_rms_norm = add_rms_norm,
    .rotate_halves = rotate_halves,
    .silu_multiply = silu_multiply,
    .add_f32 = add_f32,
    .add_bf16 = add_bf16,
    .exp_sum = exp_sum,
};
