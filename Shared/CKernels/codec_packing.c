// Weights into panels, rows into what products read.
#include "codec_products_versions.h"

void codec_pack_bf16(
    const float *w, size_t output_stride, size_t input_stride, size_t outputs, size_t inputs, size_t padded,
    uint16_t *panels) {
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        uint16_t *panel = panels + first * padded;
        size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
        memset(panel, 0, CODEC_PANEL * padded * sizeof *panel);
        for (size_t o = 0; o < count; o++) {
            const float *from = w + (first + o) * output_stride;
            for (size_t i = 0; i < inputs; i++)
                panel[i / 2 * 2 * CODEC_PANEL + 2 * o + i % 2] = codec_rounded(from[i * input_stride]);
        }
    }
}

void codec_pack_half(
    const uint16_t *w, size_t output_stride, size_t input_stride, size_t outputs, size_t inputs, size_t padded,
    uint16_t *panels) {
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        uint16_t *panel = panels + first * padded;
        size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
        memset(panel, 0, CODEC_PANEL * padded * sizeof *panel);
        // Whichever runs along the memory is the inner loop.
        if (input_stride == 1) {
            for (size_t o = 0; o < count; o++)
                for (size_t i = 0; i < inputs; i++)
                    panel[i / 2 * 2 * CODEC_PANEL + 2 * o + i % 2] = w[(first + o) * output_stride + i];
        } else {
            for (size_t i = 0; i < inputs; i++)
                for (size_t o = 0; o < count; o++)
                    panel[i / 2 * 2 * CODEC_PANEL + 2 * o + i % 2] =
                        w[(first + o) * output_stride + i * input_stride];
        }
    }
}

CODEC_INLINE float greatest_of(const float *x, size_t count) {
    float part[LANES] = {0};
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            float magnitude = __builtin_fabsf(x[i + (size_t)lane]);
            part[lane] = magnitude > part[lane] ? magnitude : part[lane];
        }
    for (size_t i = whole; i < count; i++) {
        float magnitude = __builtin_fabsf(x[i]);
        part[0] = magnitude > part[0] ? magnitude : part[0];
    }
    return max_of_lanes(part);
}

// The nearest whole number within -127 ... 127, ties to even; anything that is no number counts as -127.
CODEC_INLINE int32_t level_of(float value) {
    value = value > -127.0f ? value : -127.0f;
    value = value < 127.0f ? value : 127.0f;
    // Adding 1.5 * 2^23 leaves the rounded number in the lowest bits.
    return bits_of(value + 12582912.0f) - bits_of(12582912.0f);
}

void codec_pack_int8(
    const float *w, size_t output_stride, size_t outputs, size_t inputs, size_t padded, int8_t *panels, float *scales,
    int32_t *offsets) {
    size_t groups = (padded + CODEC_GROUP - 1) / CODEC_GROUP;
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        int8_t *panel = panels + first * padded;
        int32_t *offset = offsets + first * groups;
        memset(panel, 0, CODEC_PANEL * padded);
        memset(offset, 0, CODEC_PANEL * groups * sizeof *offset);
        for (size_t o = 0; o < CODEC_PANEL; o++) {
            scales[first + o] = 0;
            if (first + o >= outputs) continue;
            const float *from = w + (first + o) * output_stride;
            float greatest = greatest_of(from, inputs);
            float inverse = greatest > 0 ? 127.0f / greatest : 0;
            scales[first + o] = greatest / 127.0f;
            for (size_t i = 0; i < inputs; i++) {
                int32_t level = level_of(from[i] * inverse);
                panel[i / 4 * 4 * CODEC_PANEL + 4 * o + i % 4] = (int8_t)level;
                offset[i / CODEC_GROUP * CODEC_PANEL + o] -= 128 * level;
            }
        }
    }
}

CODEC_LEVELS
void codec_rows_bf16(
    const float *x, size_t x_stride, size_t rows, size_t columns, uint16_t *y, size_t y_stride, size_t filled) {
    for (size_t row = 0; row < rows; row++) {
        const float *restrict from = x + row * x_stride;
        uint16_t *restrict to = y + row * y_stride;
        for (size_t i = 0; i < columns; i++) to[i] = codec_rounded(from[i]);
        for (size_t i = columns; i < filled; i++) to[i] = 0;
    }
}

CODEC_INLINE void group_to_int8(const float *values, size_t count, uint8_t *to, float *scale) {
    float greatest = greatest_of(values, count);
    float inverse = greatest > 0 ? 127.0f / greatest : 0;
    *scale = greatest / 127.0f;
    for (size_t i = 0; i < count; i++) to[i] = (uint8_t)(level_of(values[i] * inverse) + 128);
}

CODEC_LEVELS
void codec_rows_int8(
    const float *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t start = 0; start < columns; start += CODEC_GROUP) {
            size_t count = columns - start < CODEC_GROUP ? columns - start : CODEC_GROUP;
            group_to_int8(
                x + row * x_stride + start, count, y + row * y_stride + start,
                scales + row * scale_stride + start / CODEC_GROUP);
        }
        if (filled > columns) memset(y + row * y_stride + columns, 128, filled - columns);
    }
}

CODEC_LEVELS
void codec_half_rows_int8(
    const uint16_t *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t start = 0; start < columns; start += CODEC_GROUP) {
            size_t count = columns - start < CODEC_GROUP ? columns - start : CODEC_GROUP;
            float values[CODEC_GROUP];
            for (size_t i = 0; i < count; i++) values[i] = codec_widened(x[row * x_stride + start + i]);
            group_to_int8(
                values, count, y + row * y_stride + start, scales + row * scale_stride + start / CODEC_GROUP);
        }
        if (filled > columns) memset(y + row * y_stride + columns, 128, filled - columns);
    }
}

CODEC_LEVELS
void codec_softmax_bf16(
    const float *x, size_t x_stride, size_t rows, size_t columns, float scale, uint16_t *y, size_t y_stride,
    size_t filled, float *shares) {
    size_t whole = columns - columns % LANES;
    for (size_t row = 0; row < rows; row++) {
        const float *restrict from = x + row * x_stride;
        uint16_t *restrict to = y + row * y_stride;
        float part[LANES];
        for (int lane = 0; lane < LANES; lane++) part[lane] = -INFINITY;
        for (size_t i = 0; i < whole; i += LANES)
            for (int lane = 0; lane < LANES; lane++)
                part[lane] = part[lane] > from[i + (size_t)lane] ? part[lane] : from[i + (size_t)lane];
        for (size_t i = whole; i < columns; i++) part[0] = part[0] > from[i] ? part[0] : from[i];
        float top = max_of_lanes(part);

        // The sum is that of the rounded values, so that the shares that are used add up to one.
        for (int lane = 0; lane < LANES; lane++) part[lane] = 0;
        for (size_t i = 0; i < whole; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                uint16_t half = codec_rounded(exp_of_negative((from[i + (size_t)lane] - top) * scale));
                to[i + (size_t)lane] = half;
                part[lane] += codec_widened(half);
            }
        for (size_t i = whole; i < columns; i++) {
            to[i] = codec_rounded(exp_of_negative((from[i] - top) * scale));
            part[i - whole] += codec_widened(to[i]);
        }
        for (size_t i = columns; i < filled; i++) to[i] = 0;
        shares[row] = 1.0f / sum_of_lanes(part);
    }
}
