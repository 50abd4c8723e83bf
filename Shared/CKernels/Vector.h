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

// MARK: Attention

enum { ATTENTION_ROWS = 8 };

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

/// Multiplies by `scale` and returns the largest of the products and `floor`.
INLINE float scaled_maximum(float *x, size_t count, float scale, float floor) {
    lanes_f32 highest = all(floor);
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i < LANES ? count - i : LANES;
        lanes_f32 v = load_part(x + i, left, 0) * all(scale);
        store_part(x + i, v, left);
        v = left == LANES ? v : load_part(x + i, left, floor);
        highest = choose(v > highest, v, highest);
    }
    float result = floor;
    for (int l = 0; l < LANES; l++) result = highest[l] > result ? highest[l] : result;
    return result;
}

/// out[r] += weights[r, j] * v[j] for j = 0 ..< keys, in this order, for `rows` (a constant) rows at once.
INLINE void add_weighted(const int rows, const float *weights, const float *v, size_t keys, size_t width,
                         float *const *out) {
    size_t d = 0;
    for (; d + 2 * LANES <= width; d += 2 * LANES) {
        lanes_f32 sums[2 * ATTENTION_ROWS];
        UNROLL for (int r = 0; r < rows; r++) {
            sums[2 * r] = load(out[r] + d);
            sums[2 * r + 1] = load(out[r] + d + LANES);
        }
        for (size_t j = 0; j < keys; j++) {
            lanes_f32 low = load(v + j * width + d), high = load(v + j * width + d + LANES);
            UNROLL for (int r = 0; r < rows; r++) {
                lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
                sums[2 * r] = fma_lanes(weight, low, sums[2 * r]);
                sums[2 * r + 1] = fma_lanes(weight, high, sums[2 * r + 1]);
            }
        }
        UNROLL for (int r = 0; r < rows; r++) {
            store(out[r] + d, sums[2 * r]);
            store(out[r] + d + LANES, sums[2 * r + 1]);
        }
    }
    for (; d < width; d += LANES) {
        size_t left = width - d < LANES ? width - d : LANES;
        for (int r = 0; r < rows; r++) {
            lanes_f32 sum = load_part(out[r] + d, left, 0);
            for (size_t j = 0; j < keys; j++) {
                lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
                sum = fma_lanes(weight, load_part(v + j * width + d, left, 0), sum);
            }
            store_part(out[r] + d, sum, left);
        }
    }
}

/// Up to ATTENTION_ROWS query rows against all their keys.
static void attend(const float *queries, size_t rows, const size_t *keys, size_t width, const float *const *pages,
                   size_t k_offset, size_t v_offset, float scale, float *const *out) {
    float highest[ATTENTION_ROWS], sums[ATTENTION_ROWS];
    for (size_t r = 0; r < rows; r++) {
        highest[r] = -INFINITY;
        sums[r] = 0;
        for (size_t d = 0; d < width; d++) out[r][d] = 0;
    }
    // The keys that a row sees only grow from row to row.
    for (size_t page = 0; page * CLQ_PAGE_ROWS < keys[rows - 1]; page++) {
        float scores[ATTENTION_ROWS * CLQ_PAGE_ROWS];
        size_t seen[ATTENTION_ROWS], first = rows;
        for (size_t r = rows; r-- > 0;) {
            size_t start = page * CLQ_PAGE_ROWS;
            seen[r] = keys[r] <= start ? 0 : keys[r] - start < CLQ_PAGE_ROWS ? keys[r] - start : CLQ_PAGE_ROWS;
            if (seen[r] > 0) first = r;
        }
        linear_f32(queries + first * width, width, rows - first, pages[page] + k_offset, width, seen[rows - 1],
                   scores + first * CLQ_PAGE_ROWS, CLQ_PAGE_ROWS);
        for (size_t r = first; r < rows; r++) {
            float *row = scores + r * CLQ_PAGE_ROWS, before = highest[r];
            highest[r] = scaled_maximum(row, seen[r], scale, before);
            float shrink = exponential(all(before - highest[r]))[0];
            sums[r] = fmaf(sums[r], shrink, exp_sum(row, highest[r], seen[r]));
            for (size_t d = 0; d < width; d++) out[r][d] = out[r][d] * shrink;
        }
        const float *v = pages[page] + v_offset;
        if (rows - first == ATTENTION_ROWS && seen[0] == seen[rows - 1]) {
            add_weighted(ATTENTION_ROWS, scores, v, seen[0], width, out);
            continue;
        }
        size_t r = first;
        for (; r + 2 <= rows && seen[r] == seen[r + 1]; r += 2)
            add_weighted(2, scores + r * CLQ_PAGE_ROWS, v, seen[r], width, out + r);
        for (; r < rows; r++) add_weighted(1, scores + r * CLQ_PAGE_ROWS, v, seen[r], width, out + r);
    }
    for (size_t r = 0; r < rows; r++) {
        float inverse = 1.0f / sums[r];
        for (size_t d = 0; d < width; d++) out[r][d] = out[r][d] * inverse;
    }
}

static void attention(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                      size_t width, const float *const *pages, size_t k_offset, size_t v_offset, float scale,
                      float *y, size_t y_stride) {
    float queries[ATTENTION_ROWS * CLQ_HEAD_WIDTH_MAX] __attribute__((aligned(64)));
    for (size_t start = 0; start < positions * group; start += ATTENTION_ROWS) {
        float *out[ATTENTION_ROWS];
        size_t keys[ATTENTION_ROWS], rows = 0;
        for (; rows < ATTENTION_ROWS && start + rows < positions * group; rows++) {
            size_t position = (start + rows) / group, head = (start + rows) % group;
            memcpy(queries + rows * width, q + position * q_stride + head * width, width * sizeof *q);
            out[rows] = y + position * y_stride + head * width;
            keys[rows] = first_position + position + 1;
        }
        attend(queries, rows, keys, width, pages, k_offset, v_offset, scale, out);
    }
}

// MARK: Rows

static void rms_norm(const float *x, const float *weight, float eps, size_t count, float *y) {
    lanes_f32 sum = all(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) sum = fma_lanes(load(x + i), load(x + i), sum);
    if (i < count) {
        lanes_f32 v = load_part(x + i, count - i, 0);
        sum = fma_lanes(v, v, sum);
    }
    float factor = 1.0f / __builtin_sqrtf(folded(sum) / (float)count + eps);
    for (i = 0; i < count; i++) y[i] = x[i] * factor * weight[i];
}

static void rotate_halves(float *x, const float *cosines, const float *sines, size_t half) {
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = __builtin_fmaf(a, cosines[i], -(b * sines[i]));
        x[i + half] = __builtin_fmaf(b, cosines[i], a * sines[i]);
    }
}

static void silu_multiply(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i < LANES ? count - i : LANES;
        lanes_f32 g = load_part(gate + i, left, 0);
        store_part(gate + i, g / (all(1.0f) + exponential(-g)) * load_part(up + i, left, 0), left);
    }
}

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
        .attention = attention,                                                                                        \
        .rms_norm = rms_norm,                                                                                          \
        .rotate_halves = rotate_halves,                                                                                \
        .silu_multiply = silu_multiply,                                                                                \
        .add_f32 = add_f32,                                                                                            \
        .add_bf16 = add_bf16,                                                                                          \
        .exp_sum = exp_sum,                                                                                            \
    }
