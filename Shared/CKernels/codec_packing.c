// Weights into panels, rows into what products read.
#include "codec_products_versions.h"

// Inputs whose place in a panel stays in the first cache while all outputs of the panel are put there.
enum { INPUTS_AT_ONCE = 32 };

void codec_pack_bf16(
    const float *w, size_t output_stride, size_t outputs, size_t inputs, size_t padded, uint16_t *panels) {
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        uint16_t *panel = panels + first * padded;
        size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
        memset(panel, 0, CODEC_PANEL * padded * sizeof *panel);
        for (size_t start = 0; start < inputs; start += INPUTS_AT_ONCE) {
            size_t end = start + INPUTS_AT_ONCE < inputs ? start + INPUTS_AT_ONCE : inputs;
            for (size_t o = 0; o < count; o++)
                for (size_t i = start; i < end; i++)
                    panel[i / 2 * 2 * CODEC_PANEL + 2 * o + i % 2] = codec_rounded(w[(first + o) * output_stride + i]);
        }
    }
}

// LANES rows of 2 * LANES halves each, `stride` apart: pair i of row o becomes pair o of row i, those CODEC_PANEL pairs apart.
CODEC_INLINE void transpose_pairs(const uint16_t *w, size_t stride, uint16_t *to) {
    codec_int_lanes from[LANES], next[LANES];
    CODEC_UNROLL for (int o = 0; o < LANES; o++) memcpy(from + o, w + (size_t)o * stride, sizeof *from);
    // Row o meets row o + 8, element by element. Done as often as a row's number has bits, that turns rows into columns.
    CODEC_UNROLL for (int round = 0; round < 4; round++) {
        CODEC_UNROLL for (int o = 0; o < LANES / 2; o++) {
            next[2 * o] = __builtin_shufflevector(
                from[o], from[o + LANES / 2], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            next[2 * o + 1] = __builtin_shufflevector(
                from[o], from[o + LANES / 2], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(from, next, sizeof from);
    }
    CODEC_UNROLL for (int i = 0; i < LANES; i++) memcpy(to + (size_t)i * 2 * CODEC_PANEL, from + i, sizeof *from);
}

// Outputs run along the memory: two rows of inputs at a time are put into each other.
CODEC_INLINE void pack_outputs(const uint16_t *w, size_t input_stride, size_t count, size_t inputs, uint16_t *panel) {
    for (size_t i = 0; i < inputs; i += 2) {
        const uint16_t *restrict first = w + i * input_stride, *restrict second = first + input_stride;
        uint16_t *restrict to = panel + i * CODEC_PANEL;
        if (i + 1 < inputs && count == CODEC_PANEL)
            for (size_t o = 0; o < CODEC_PANEL; o++) to[2 * o] = first[o], to[2 * o + 1] = second[o];
        else
            for (size_t o = 0; o < count; o++) to[2 * o] = first[o], to[2 * o + 1] = i + 1 < inputs ? second[o] : 0;
    }
}

// Inputs run along the memory: squares of pairs are transposed, and what is left over is put in its place one by one.
CODEC_INLINE void pack_inputs(const uint16_t *w, size_t output_stride, size_t count, size_t inputs, uint16_t *panel) {
    size_t whole_outputs = count - count % LANES, whole_inputs = inputs - inputs % (2 * LANES);
    for (size_t o = 0; o < whole_outputs; o += LANES)
        for (size_t i = 0; i < whole_inputs; i += 2 * LANES)
            transpose_pairs(w + o * output_stride + i, output_stride, panel + i * CODEC_PANEL + 2 * o);
    for (size_t o = 0; o < count; o++)
        for (size_t i = o < whole_outputs ? whole_inputs : 0; i < inputs; i++)
            panel[i / 2 * 2 * CODEC_PANEL + 2 * o + i % 2] = w[o * output_stride + i];
}

CODEC_LEVELS
void codec_pack_half(
    const uint16_t *w, size_t output_stride, size_t input_stride, size_t outputs, size_t inputs, size_t padded,
    uint16_t *panels) {
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        uint16_t *panel = panels + first * padded;
        size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
        if (count < CODEC_PANEL || inputs < padded) memset(panel, 0, CODEC_PANEL * padded * sizeof *panel);
        const uint16_t *from = w + first * output_stride;
        if (input_stride == 1)
            pack_inputs(from, output_stride, count, inputs, panel);
        else
            pack_outputs(from, input_stride, count, inputs, panel);
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
    float *totals) {
    size_t groups = (padded + CODEC_GROUP - 1) / CODEC_GROUP;
    for (size_t first = 0; first < outputs; first += CODEC_PANEL) {
        int8_t *panel = panels + first * padded;
        float *total = totals + first * groups;
        float inverses[CODEC_PANEL];
        memset(panel, 0, CODEC_PANEL * padded);
        memset(total, 0, CODEC_PANEL * groups * sizeof *total);
        for (size_t o = 0; o < CODEC_PANEL; o++) {
            scales[first + o] = 0;
            if (first + o >= outputs) continue;
            const float *from = w + (first + o) * output_stride;
            float greatest = greatest_of(from, inputs);
            inverses[o] = greatest > 0 ? 127.0f / greatest : 0;
            scales[first + o] = greatest / 127.0f;
        }
        for (size_t start = 0; start < inputs; start += INPUTS_AT_ONCE) {
            size_t end = start + INPUTS_AT_ONCE < inputs ? start + INPUTS_AT_ONCE : inputs;
            for (size_t o = 0; o < CODEC_PANEL && first + o < outputs; o++) {
                const float *from = w + (first + o) * output_stride;
                int32_t sum = 0;
                for (size_t i = start; i < end; i++) {
                    int32_t level = level_of(from[i] * inverses[o]);
                    panel[i / 4 * 4 * CODEC_PANEL + 4 * o + i % 4] = (int8_t)level;
                    sum += level;
                }
                // A group is whole runs of inputs.
                total[start / CODEC_GROUP * CODEC_PANEL + o] += (float)sum;
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

// The least and the greatest of `count` values.
CODEC_INLINE void range_of(const float *restrict x, size_t count, float *low, float *high) {
    float least[LANES], greatest[LANES];
    for (int lane = 0; lane < LANES; lane++) least[lane] = greatest[lane] = x[0];
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            float value = x[i + (size_t)lane];
            least[lane] = least[lane] < value ? least[lane] : value;
            greatest[lane] = greatest[lane] > value ? greatest[lane] : value;
        }
    for (size_t i = whole; i < count; i++) {
        least[0] = least[0] < x[i] ? least[0] : x[i];
        greatest[0] = greatest[0] > x[i] ? greatest[0] : x[i];
    }
    for (int lane = 0; lane < LANES; lane++) least[lane] = -least[lane];
    *low = -max_of_lanes(least);
    *high = max_of_lanes(greatest);
}

// The least and the greatest of `count` halves. Their bits, with those of negative ones turned round, have their order.
CODEC_INLINE void range_of_halves(const uint16_t *restrict x, size_t count, float *low, float *high) {
    int16_t least = INT16_MAX, greatest = INT16_MIN;
    for (size_t i = 0; i < count; i++) {
        int16_t half = (int16_t)x[i], key = (int16_t)(half ^ ((half >> 15) & 0x7FFF));
        least = key < least ? key : least;
        greatest = key > greatest ? key : greatest;
    }
    *low = codec_widened((uint16_t)(least ^ ((least >> 15) & 0x7FFF)));
    *high = codec_widened((uint16_t)(greatest ^ ((greatest >> 15) & 0x7FFF)));
}

// Sets a group's unit and low; returns what a value above the low is multiplied by.
CODEC_INLINE float set_scale(float low, float high, float *scale) {
    float range = high - low;
    scale[0] = range / 255.0f;
    scale[1] = low;
    return range > 0 ? 255.0f / range : 0;
}

// From 0 to 255 and a little; adding 2^23 leaves the rounded number in the lowest bits.
CODEC_INLINE uint8_t level_above(float value, float low, float inverse) {
    return (uint8_t)bits_of((value - low) * inverse + 8388608.0f);
}

// `count` is a constant for whole groups.
CODEC_INLINE void group_to_levels(const float *restrict values, size_t count, uint8_t *restrict to, float *scale) {
    float low, high;
    range_of(values, count, &low, &high);
    float inverse = set_scale(low, high, scale);
    for (size_t i = 0; i < count; i++) to[i] = level_above(values[i], low, inverse);
}

CODEC_INLINE void halves_to_levels(const uint16_t *restrict halves, size_t count, uint8_t *restrict to, float *scale) {
    float low, high;
    range_of_halves(halves, count, &low, &high);
    float inverse = set_scale(low, high, scale);
    for (size_t i = 0; i < count; i++) to[i] = level_above(codec_widened(halves[i]), low, inverse);
}

CODEC_LEVELS
void codec_rows_int8(
    const float *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride) {
    for (size_t row = 0; row < rows; row++) {
        const float *from = x + row * x_stride;
        uint8_t *to = y + row * y_stride;
        float *scale = scales + row * scale_stride;
        size_t start = 0;
        for (; start + CODEC_GROUP <= columns; start += CODEC_GROUP, scale += 2)
            group_to_levels(from + start, CODEC_GROUP, to + start, scale);
        if (start < columns) group_to_levels(from + start, columns - start, to + start, scale);
        if (filled > columns) memset(to + columns, 0, filled - columns);
    }
}

CODEC_LEVELS
void codec_half_rows_int8(
    const uint16_t *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride) {
    for (size_t row = 0; row < rows; row++) {
        const uint16_t *from = x + row * x_stride;
        uint8_t *to = y + row * y_stride;
        float *scale = scales + row * scale_stride;
        size_t start = 0;
        for (; start + CODEC_GROUP <= columns; start += CODEC_GROUP, scale += 2)
            halves_to_levels(from + start, CODEC_GROUP, to + start, scale);
        if (start < columns) halves_to_levels(from + start, columns - start, to + start, scale);
        if (filled > columns) memset(to + columns, 0, filled - columns);
    }
}
