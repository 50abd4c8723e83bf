#include "codec_products.h"

#include "codec_gelu.h"
#include "codec_products_versions.h"

codec_bf16_panel codec_bf16_panel_for(int version) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (version == CODEC_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return codec_bf16_avx2;
    if (version == CODEC_AVX512 && has_avx512) return codec_bf16_avx512;
    if (version == CODEC_AVX512_DOT && has_avx512 && __builtin_cpu_supports("avx512bf16"))
        return codec_bf16_avx512_dot;
#endif
    return version == CODEC_PORTABLE ? codec_bf16_portable : NULL;
}

codec_int8_panel codec_int8_panel_for(int version) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (version == CODEC_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return codec_int8_avx2;
    if (version == CODEC_AVX512_DOT && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni"))
        return codec_int8_avx512_dot;
#endif
    return version == CODEC_PORTABLE ? codec_int8_portable : NULL;
}

// Rows whose sums stay in the first caches while a panel's weights pass by, and outside of them for the next ones.
enum { ROWS_AT_ONCE = 96 };

// What follows the sums of `rows` rows and of the outputs from `first` on.
CODEC_LEVELS
static void finish_panel(
    const float *sums, size_t rows, size_t first_row, size_t first, size_t outputs, const codec_finish *finish) {
#pragma clang fp contract(fast)
    size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
    for (size_t r = 0; r < rows; r++) {
        float values[CODEC_PANEL];
        const float *from = sums + r * CODEC_PANEL;
        float share = finish->row_scales ? finish->row_scales[first_row + r] : 1.0f;
        if (count == CODEC_PANEL) {
            for (int o = 0; o < CODEC_PANEL; o++) values[o] = from[o] * share;
            if (finish->output_scales)
                for (int o = 0; o < CODEC_PANEL; o++) values[o] *= finish->output_scales[first + (size_t)o];
            if (finish->bias)
                for (int o = 0; o < CODEC_PANEL; o++) values[o] += finish->bias[first + (size_t)o];
        } else {
            for (size_t o = 0; o < count; o++) {
                values[o] = from[o] * share;
                if (finish->output_scales) values[o] *= finish->output_scales[first + o];
                if (finish->bias) values[o] += finish->bias[first + o];
            }
            for (size_t o = count; o < CODEC_PANEL; o++) values[o] = 0;
        }
        if (finish->gelu)
            for (int o = 0; o < CODEC_PANEL; o++) values[o] = gelu_of(values[o]);
        size_t at = (first_row + r) * finish->y_stride + first;
        if (finish->half) {
            uint16_t halves[CODEC_PANEL];
            for (int o = 0; o < CODEC_PANEL; o++) halves[o] = codec_rounded(values[o]);
            // The last panel's missing outputs are zeros already.
            size_t room = finish->y_filled - first;
            memcpy((uint16_t *)finish->y + at, halves, (room < CODEC_PANEL ? room : CODEC_PANEL) * sizeof *halves);
        } else {
            float *to = (float *)finish->y + at;
            if (finish->add)
                for (size_t o = 0; o < count; o++) to[o] += values[o];
            else
                memcpy(to, values, count * sizeof *values);
        }
    }
}

void codec_product_bf16(
    codec_bf16_panel version, const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *w, size_t inputs,
    size_t outputs, const codec_finish *finish) {
    float sums[ROWS_AT_ONCE * CODEC_PANEL] __attribute__((aligned(64)));
    for (size_t first = 0; first < outputs; first += CODEC_PANEL)
        for (size_t r = 0; r < rows; r += ROWS_AT_ONCE) {
            size_t count = rows - r < ROWS_AT_ONCE ? rows - r : ROWS_AT_ONCE;
            version(x + r * x_stride, x_stride, count, w + first * inputs, inputs, sums);
            finish_panel(sums, count, r, first, outputs, finish);
        }
}

void codec_product_int8(
    codec_int8_panel version, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows,
    const int8_t *w, const int32_t *offsets, size_t inputs, size_t outputs, const codec_finish *finish) {
    float sums[ROWS_AT_ONCE * CODEC_PANEL] __attribute__((aligned(64)));
    size_t groups = (inputs + CODEC_GROUP - 1) / CODEC_GROUP;
    for (size_t first = 0; first < outputs; first += CODEC_PANEL)
        for (size_t r = 0; r < rows; r += ROWS_AT_ONCE) {
            size_t count = rows - r < ROWS_AT_ONCE ? rows - r : ROWS_AT_ONCE;
            version(
                x + r * x_stride, x_stride, scales + r * scale_stride, scale_stride, count, w + first * inputs,
                offsets + first * groups, inputs, sums);
            finish_panel(sums, count, r, first, outputs, finish);
        }
}
