// Attention in bfloat16: scores panel by panel as the product leaves them, their exponentials, the product with values.
#include "codec_finish.h"
#include "codec_halves.h"

#define CODEC_TEXT "codec_exponentials.h"
#include "codec_rounding_versions.h"

// The greatest scores so far of each row, found panel by panel beside the products that follow.
typedef struct greatest {
    codec_aside aside;
    // The next row's scores, how many count, and its greatest, LANES a row.
    const float *scores;
    size_t keys;
    float *top;
} greatest;

CODEC_LEVELS
static void next_greatest(codec_aside *aside) {
    greatest *it = (greatest *)aside;
    if (it->keys == CODEC_PANEL) {
        float top[LANES];
        const float *scores = it->scores;
        memcpy(top, it->top, sizeof top);
        for (int o = 0; o < CODEC_PANEL; o += LANES)
            for (int lane = 0; lane < LANES; lane++)
                top[lane] = top[lane] > scores[o + lane] ? top[lane] : scores[o + lane];
        memcpy(it->top, top, sizeof top);
    } else {
        for (size_t o = 0; o < it->keys; o++) it->top[0] = it->top[0] > it->scores[o] ? it->top[0] : it->scores[o];
    }
    it->scores += CODEC_PANEL;
    it->top += LANES;
    aside->left--;
}

typedef float (*exponentials_of_row)(
    const float *scores, size_t panel_stride, size_t keys, float top, float scale, uint16_t *out, size_t filled);

void codec_attention_bf16(
    codec_bf16_panel version, const uint16_t *q, size_t q_stride, size_t rows, const uint16_t *k, const uint16_t *v,
    size_t keys, size_t width, float scale, float *scores, uint16_t *shares, size_t shares_stride, float *y,
    size_t y_stride) {
    size_t padded_width = (width + CODEC_STEP_BF16 - 1) / CODEC_STEP_BF16 * CODEC_STEP_BF16;
    size_t padded_keys = (keys + CODEC_STEP_BF16 - 1) / CODEC_STEP_BF16 * CODEC_STEP_BF16;
    size_t panel_stride = rows * CODEC_PANEL;
    float tops[CODEC_QUERIES * LANES], row_scales[CODEC_QUERIES];
    for (size_t t = 0; t < rows * LANES; t++) tops[t] = -INFINITY;
    greatest greatest = {.aside = {.piece = next_greatest}};
    codec_between between = {.aside = &greatest.aside};
    for (size_t p = 0; p * CODEC_PANEL < keys; p++) {
        size_t count = keys - p * CODEC_PANEL < CODEC_PANEL ? keys - p * CODEC_PANEL : CODEC_PANEL;
        float *panel = scores + p * panel_stride;
        version(q, q_stride, rows, k + p * CODEC_PANEL * padded_width, padded_width, panel, &between);
        codec_aside_rest(&greatest.aside);
        greatest.scores = panel;
        greatest.keys = count;
        greatest.top = tops;
        greatest.aside.left = rows;
    }
    codec_aside_rest(&greatest.aside);
    if (between.release) between.release();
    exponentials_of_row exponentials = CODEC_CHOSEN(exponentials);
    for (size_t r = 0; r < rows; r++)
        row_scales[r] = exponentials(
            scores + r * CODEC_PANEL, panel_stride, keys, max_of_lanes(tops + r * LANES), scale,
            shares + r * shares_stride, padded_keys);
    codec_finish finish = {.row_scales = row_scales, .y = y, .y_stride = y_stride};
    codec_product_bf16(version, shares, shares_stride, rows, v, padded_keys, padded_keys, width, &finish);
}
