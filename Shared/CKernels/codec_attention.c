// Attention in bfloat16: scores panel by panel as the product leaves them, their exponentials, the product with values.
#include "codec_products_versions.h"

// e^x for x <= 0 to 5e-5 of its value, for results that are rounded to bfloat16; x below -87 counts as -87.
CODEC_INLINE float exp_near(float x) {
#pragma clang fp contract(fast)
    const float magic = 12582912.0f;
    float power = x * 1.44269504f;
    power = power > -125.5f ? power : -125.5f;
    // The nearest whole power in the lowest bits; the remainder is at most a half.
    float shifted = power + magic;
    float r = power - (shifted - magic);
    float p = r * 9.618129e-3f + 5.5504109e-2f;
    p = p * r + 0.24022651f;
    p = p * r + 0.69314718f;
    p = p * r + 1.0f;
    return float_of(bits_of(p) + (int32_t)((uint32_t)bits_of(shifted) << 23));
}

// The exponentials of a row's scores above the greatest, in bfloat16, zeros behind them; returns one over their sum.
//
// scores: 64 of them, then those of the same row in the next panel, `panel_stride` floats on.
CODEC_LEVELS
static float exponentials(
    const float *restrict scores, size_t panel_stride, size_t keys, float scale, uint16_t *restrict out, size_t filled) {
    size_t panels = keys / CODEC_PANEL, rest = keys % CODEC_PANEL;
    float part[LANES];
    for (int lane = 0; lane < LANES; lane++) part[lane] = -INFINITY;
    for (size_t p = 0; p < panels; p++)
        for (int o = 0; o < CODEC_PANEL; o += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float score = scores[p * panel_stride + (size_t)(o + lane)];
                part[lane] = part[lane] > score ? part[lane] : score;
            }
    const float *last = scores + panels * panel_stride;
    for (size_t o = 0; o < rest; o++) part[0] = part[0] > last[o] ? part[0] : last[o];
    float top = max_of_lanes(part);

    // The sum is that of the rounded values, so that the shares that are used add up to one.
    for (int lane = 0; lane < LANES; lane++) part[lane] = 0;
    for (size_t p = 0; p < panels; p++)
        for (int o = 0; o < CODEC_PANEL; o += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                size_t at = (size_t)(o + lane);
                uint16_t half = codec_rounded(exp_near((scores[p * panel_stride + at] - top) * scale));
                out[p * CODEC_PANEL + at] = half;
                part[lane] += codec_widened(half);
            }
    for (size_t o = 0; o < rest; o++) {
        uint16_t half = codec_rounded(exp_near((last[o] - top) * scale));
        out[panels * CODEC_PANEL + o] = half;
        part[o % LANES] += codec_widened(half);
    }
    for (size_t i = keys; i < filled; i++) out[i] = 0;
    return 1.0f / sum_of_lanes(part);
}

void codec_attention_bf16(
    codec_bf16_panel version, const uint16_t *q, size_t q_stride, size_t rows, const uint16_t *k, const uint16_t *v,
    size_t keys, size_t width, float scale, float *scores, uint16_t *shares, float *y, size_t y_stride) {
    size_t padded_width = (width + CODEC_STEP_BF16 - 1) / CODEC_STEP_BF16 * CODEC_STEP_BF16;
    size_t padded_keys = (keys + CODEC_STEP_BF16 - 1) / CODEC_STEP_BF16 * CODEC_STEP_BF16;
    size_t panel_stride = rows * CODEC_PANEL;
    for (size_t p = 0; p * CODEC_PANEL < keys; p++)
        version(q, q_stride, rows, k + p * CODEC_PANEL * padded_width, padded_width, scores + p * panel_stride);
    float row_scales[CODEC_QUERIES];
    for (size_t r = 0; r < rows; r++)
        row_scales[r] = exponentials(
            scores + r * CODEC_PANEL, panel_stride, keys, scale, shares + r * padded_keys, padded_keys);
    codec_finish finish = {.row_scales = row_scales, .y = y, .y_stride = y_stride};
    codec_product_bf16(version, shares, padded_keys, rows, v, padded_keys, width, &finish);
}
