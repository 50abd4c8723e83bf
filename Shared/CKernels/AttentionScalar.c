// The oracle of attention: what attention.h promises, in plain loops.
#include "AttentionVersions.h"
#include "Oracle.h"

enum { STEP = 32, SPAN = CLQ_SPAN_PAGES * CLQ_PAGE_ROWS };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void attend_row_f32(const float *query, size_t keys, size_t width, const void *const *pages, size_t k_offset,
                           size_t v_offset, float scale, float *out) {
    float highest = -INFINITY, sum = 0;
    for (size_t d = 0; d < width; d++) out[d] = 0;
    for (size_t page = 0; page * CLQ_PAGE_ROWS < keys; page++) {
        const float *k = (const void *)((const char *)pages[page] + k_offset);
        const float *v = (const void *)((const char *)pages[page] + v_offset);
        size_t seen = least(keys - page * CLQ_PAGE_ROWS, CLQ_PAGE_ROWS);
        float weights[CLQ_PAGE_ROWS], before = highest;
        for (size_t j = 0; j < seen; j++) {
            float lanes[LANES] = {0};
            for (size_t i = 0; i < width; i++)
                lanes[i % LANES] = fmaf(k[i * CLQ_PAGE_ROWS + j], query[i], lanes[i % LANES]);
            weights[j] = folded(lanes) * scale;
            highest = weights[j] > highest ? weights[j] : highest;
        }
        float shrink = exponential(before - highest);
        sum = fmaf(sum, shrink, exp_sum(weights, highest, seen));
        for (size_t d = 0; d < width; d++) {
            out[d] = out[d] * shrink;
            for (size_t j = 0; j < seen; j++) out[d] = fmaf(weights[j], v[j * width + d], out[d]);
        }
    }
    float inverse = 1.0f / sum;
    for (size_t d = 0; d < width; d++) out[d] = out[d] * inverse;
}

/// What bf16 keeps of a query.
static float kept(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7FFFFFFF) > 0x7F800000)
        bits |= 0x400000;
    else
        bits += 0x7FFF + (bits >> 16 & 1);
    return (bits >> 16 & 0x7FFF) < CLQ_BF16_LEAST ? 0 : widened((uint16_t)(bits >> 16));
}

/// The sum of `count` products, in steps of 32.
static float dot(const float *a, const uint16_t *const *b, size_t count) {
    float sum = 0;
    for (size_t start = 0; start < count; start += STEP) {
        float chains[2] = {0, 0};
        for (size_t i = start; i < least(start + STEP, count); i++)
            chains[i % 2] = fmaf(widened(*b[i]), a[i], chains[i % 2]);
        sum = sum + (chains[0] + chains[1]);
    }
    return sum;
}

/// 2^(score - highest), 0 where that is less than matters; `is_weight`: as bf16 holds it.
static float power(float score, float highest, int is_weight) {
    float x = score - (highest + WEIGHT_SHIFT);
    if (!(x >= WEIGHT_LOWEST)) return 0;
    float n = rintf(x), r = x - n;
    float p = fmaf(fmaf(fmaf(WEIGHT_C4, r, WEIGHT_C3), r, WEIGHT_C2), r, WEIGHT_C1);
    p = is_weight ? fmaf(p, r, WEIGHT_C0 + WEIGHT_ROUND) - WEIGHT_ROUND : fmaf(p, r, WEIGHT_C0);
    return ldexpf(p, (int)n);
}

static void attend_row_bf16(const float *query, size_t keys, size_t width, const void *const *pages, size_t k_offset,
                            size_t v_offset, float scale, float *out) {
    float highest = -INFINITY, sums[LANES] = {0}, q[CLQ_HEAD_WIDTH_MAX];
    for (size_t i = 0; i < width; i++) q[i] = kept(query[i] * (scale * WEIGHT_LOG2_E));
    for (size_t start = 0; start < keys; start += SPAN) {
        size_t seen = least(keys - start, SPAN);
        const uint16_t *factors[SPAN > CLQ_HEAD_WIDTH_MAX ? SPAN : CLQ_HEAD_WIDTH_MAX];
        float weights[SPAN], before = highest, lanes[LANES] = {0};
        for (size_t j = 0; j < seen; j++) {
            const char *page = pages[(start + j) / CLQ_PAGE_ROWS];
            for (size_t i = 0; i < width; i++)
                factors[i] = (const uint16_t *)(const void *)(page + k_offset) + clq_bf16_key(j % CLQ_PAGE_ROWS, i, width);
            weights[j] = dot(q, factors, width);
            highest = weights[j] > highest ? weights[j] : highest;
        }
        for (size_t j = 0; j < seen; j++) {
            weights[j] = power(weights[j], highest, 1);
            lanes[j % LANES] = lanes[j % LANES] + weights[j];
        }
        float shrink = highest > before ? power(before, highest, 0) : 1;
        for (size_t l = 0; l < LANES; l++) sums[l] = fmaf(sums[l], shrink, lanes[l]);
        for (size_t d = 0; d < width; d++) {
            for (size_t j = 0; j < seen; j++)
                factors[j] = (const uint16_t *)(const void *)((const char *)pages[(start + j) / CLQ_PAGE_ROWS] + v_offset) +
                             clq_bf16_value(j % CLQ_PAGE_ROWS, d, width);
            float sum = dot(weights, factors, seen);
            out[d] = start == 0 ? sum : fmaf(out[d], shrink, sum);
        }
    }
    float inverse = 1.0f / folded(sums);
    for (size_t d = 0; d < width; d++) out[d] = out[d] * inverse;
}

typedef void attend_row(const float *query, size_t keys, size_t width, const void *const *pages, size_t k_offset,
                        size_t v_offset, float scale, float *out);

static void attend(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group, size_t width,
                   const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y, size_t y_stride,
                   attend_row *row) {
    for (size_t n = 0; n < positions; n++)
        for (size_t g = 0; g < group; g++)
            row(q + n * q_stride + g * width, first_position + n + 1, width, pages, k_offset, v_offset, scale,
                y + n * y_stride + g * width);
}

static void attend_f32(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                       size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                       size_t y_stride) {
    attend(q, q_stride, first_position, positions, group, width, pages, k_offset, v_offset, scale, y, y_stride,
           attend_row_f32);
}

static void attend_bf16(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                        size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                        size_t y_stride) {
    attend(q, q_stride, first_position, positions, group, width, pages, k_offset, v_offset, scale, y, y_stride,
           attend_row_bf16);
}

const clq_attention_kernels clq_attention_scalar = {.attend_f32 = attend_f32, .attend_bf16 = attend_bf16};
