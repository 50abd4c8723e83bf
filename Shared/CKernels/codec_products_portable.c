// The oracle of the codec's products: plain loops, which also serve machines that have nothing better.
#include "codec_products_versions.h"

#define NAMED(x) codec_portable_##x
#define WIDTH 4
#define TILE_ROWS 4
#define TILE_VECTORS 4
#include "codec_products_widened.h"

void codec_bf16_portable(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between) {
    codec_portable_bf16(x, x_stride, rows, panel, inputs, sums, between);
}

void codec_int8_portable(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between) {
    (void)between;
    for (size_t r = 0; r < rows; r++) {
        float *to = sums + r * CODEC_PANEL;
        for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
            size_t group = start / CODEC_GROUP;
            size_t end = start + CODEC_GROUP < inputs ? start + CODEC_GROUP : inputs;
            int32_t part[CODEC_PANEL] = {0};
            for (size_t i = start; i < end; i += 4) {
                const uint8_t *levels = x + r * x_stride + i;
                const int8_t *weights = panel + i * CODEC_PANEL;
                for (int o = 0; o < CODEC_PANEL; o++)
                    part[o] += levels[0] * weights[4 * o] + levels[1] * weights[4 * o + 1] +
                               levels[2] * weights[4 * o + 2] + levels[3] * weights[4 * o + 3];
            }
            const float *scale = scales + r * scale_stride + 2 * group, *total = totals + group * CODEC_PANEL;
            for (int o = 0; o < CODEC_PANEL; o++)
                to[o] = codec_settled(part[o], total[o], scale, start == 0, start == 0 ? 0.0f : to[o]);
        }
    }
}
