// The kernels in 16-lane vectors, for whatever instruction set the including file has switched on. Each lane does what
// the oracle's lane does, in its order.
//
// The including file defines TILE_ROWS (3 or 6) and TILE_OUTPUTS, so that their product of sums stays in registers.
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#include "Lanes.h"
#include "Versions.h"

#define WEIGHT float
#define LOAD load
#define LOAD_PART load_part_f32
#define NAMED(name) name##_f32
#include "Linear.h"
#undef WEIGHT
#undef LOAD
#undef LOAD_PART
#undef NAMED

#define WEIGHT uint16_t
#define LOAD load_bf16
#define LOAD_PART load_part_bf16
#define NAMED(name) name##_bf16
#include "Linear.h"

static float exp_sum(float *x, float shift, size_t count) {
    lanes_f32 sum = all(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        lanes_f32 v = exponential(load(x + i) - all(shift));
        store(x + i, v);
        sum = sum + v;
    }
    if (i < count) {
        lanes_f32 v = exponential(load_part(x + i, count - i, -INFINITY) - all(shift));
        store_part(x + i, v, count - i);
        sum = sum + load_part(x + i, count - i, 0);
    }
    return folded(sum);
}

/// `sum` has the squares of x in lanes. y may be x, which a compiler that made vectors of a plain loop would have to fear.
INLINE void normed(const float *x, const float *weight, float eps, size_t count, lanes_f32 sum, float *y) {
    float factor = 1.0f / __builtin_sqrtf(folded(sum) / (float)count + eps);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(y + i, load(x + i) * all(factor) * load(weight + i));
    for (; i < count; i++) y[i] = x[i] * factor * weight[i];
}

static void rms_norm(const float *x, const float *weight, float eps, size_t count, float *y) {
    lanes_f32 sum = all(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) sum = fma_lanes(load(x + i), load(x + i), sum);
    if (i < count) {
        lanes_f32 v = load_part(x + i, count - i, 0);
        sum = fma_lanes(v, v, sum);
    }
    normed(x, weight, eps, count, sum, y);
}

/// What is added is squared at once: the sum of squares waits for itself, and leaves time for that.
static void add_rms_norm(float *x, const float *y, const float *weight, float eps, size_t count, float *z) {
    lanes_f32 sum = all(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        lanes_f32 v = load(x + i) + load(y + i);
        store(x + i, v);
        sum = fma_lanes(v, v, sum);
    }
    if (i < count) {
        lanes_f32 v = load_part(x + i, count - i, 0) + load_part(y + i, count - i, 0);
        store_part(x + i, v, count - i);
        sum = fma_lanes(v, v, sum);
    }
    normed(x, weight, eps, count, sum, z);
}

static void rotate_halves(float *x, const float *cosines, const float *sines, size_t half) {
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = __builtin_fmaf(a, cosines[i], -(b * sines[i]));
        x[i + half] = __builtin_fmaf(b, cosines[i], a * sines[i]);
    }
}

static void silu_multiply(float *gate, const float *up, size_t count) { gate_row(gate, up, count); }

static void add_f32(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] + y[i];
}

static void add_bf16(float *x, const uint16_t *y, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(x + i, load(x + i) + load_bf16(y + i));
    if (i < count) store_part(x + i, load_part(x + i, count - i, 0) + load_part_bf16(y + i, count - i), count - i);
}

#define KERNELS                                                                                                        \
    {                                                                                                                  \
        .linear_f32 = linear_f32,                                                                                      \
        .linear_bf16 = linear_bf16,                                                                                    \
        .rms_norm = rms_norm,                                                                                          \
        .add_rms_norm = add_rms_norm,                                                                                  \
        .rotate_halves = rotate_halves,                                                                                \
        .silu_multiply = silu_multiply,                                                                                \
        .add_f32 = add_f32,                                                                                            \
        .add_bf16 = add_bf16,                                                                                          \
        .exp_sum = exp_sum,                                                                                            \
    }
