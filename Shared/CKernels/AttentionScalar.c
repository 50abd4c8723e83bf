// The oracle of attention: what attention.h promises, in plain loops.
#include "AttentionVersions.h"
#include "Oracle.h"

/// Element `index` of a block of keys or values.
typedef float element(const void *block, size_t index);

static float element_f32(const void *block, size_t index) { return ((const float *)block)[index]; }

static float element_bf16(const void *block, size_t index) { return widened(((const uint16_t *)block)[index]); }

static void attend_row(const float *query, size_t keys, size_t width, const void *const *pages, size_t k_offset,
                       size_t v_offset, float scale, float *out, element *at) {
    float highest = -INFINITY, sum = 0;
    for (size_t d = 0; d < width; d++) out[d] = 0;
    for (size_t page = 0; page * CLQ_PAGE_ROWS < keys; page++) {
        const void *k = (const char *)pages[page] + k_offset, *v = (const char *)pages[page] + v_offset;
        size_t seen = keys - page * CLQ_PAGE_ROWS;
        if (seen > CLQ_PAGE_ROWS) seen = CLQ_PAGE_ROWS;
        float weights[CLQ_PAGE_ROWS], before = highest;
        for (size_t j = 0; j < seen; j++) {
            float lanes[LANES] = {0};
            for (size_t i = 0; i < width; i++)
                lanes[i % LANES] = fmaf(at(k, i * CLQ_PAGE_ROWS + j), query[i], lanes[i % LANES]);
            weights[j] = folded(lanes) * scale;
            highest = weights[j] > highest ? weights[j] : highest;
        }
        float shrink = exponential(before - highest);
        sum = fmaf(sum, shrink, exp_sum(weights, highest, seen));
        for (size_t d = 0; d < width; d++) {
            out[d] = out[d] * shrink;
            for (size_t j = 0; j < seen; j++) out[d] = fmaf(weights[j], at(v, j * width + d), out[d]);
        }
    }
    float inverse = 1.0f / sum;
    for (size_t d = 0; d < width; d++) out[d] = out[d] * inverse;
}

static void attend(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group, size_t width,
                   const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y, size_t y_stride,
                   element *at) {
    for (size_t n = 0; n < positions; n++)
        for (size_t g = 0; g < group; g++)
            attend_row(q + n * q_stride + g * width, first_position + n + 1, width, pages, k_offset, v_offset, scale,
                       y + n * y_stride + g * width, at);
}

static void attend_f32(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                       size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                       size_t y_stride) {
    attend(q, q_stride, first_position, positions, group, width, pages, k_offset, v_offset, scale, y, y_stride,
           element_f32);
}

static void attend_bf16(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                        size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                        size_t y_stride) {
    attend(q, q_stride, first_position, positions, group, width, pages, k_offset, v_offset, scale, y, y_stride,
           element_bf16);
}

const clq_attention_kernels clq_attention_scalar = {.attend_f32 = attend_f32, .attend_bf16 = attend_bf16};
