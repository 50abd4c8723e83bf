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
#if CODEC_HAS_AMX
    if (version == CODEC_AMX && codec_amx_is_allowed()) return codec_bf16_amx;
#endif
    if (version == CODEC_EMULATED) return codec_bf16_emulated;
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
#if CODEC_HAS_AMX
    if (version == CODEC_AMX && codec_amx_is_allowed()) return codec_int8_amx;
#endif
    if (version == CODEC_EMULATED) return codec_int8_emulated;
    return version == CODEC_PORTABLE ? codec_int8_portable : NULL;
}

// Rows whose sums stay in the first caches while a panel's weights pass by, and outside of them for the next ones.
enum { ROWS_AT_ONCE = 96 };

// One row of a panel's sums, [CODEC_PANEL] all. The kinds are constants wherever this is inlined.
CODEC_INLINE void finish_row(
    const int gelu, const int half, const float *restrict sums, float share, const float *restrict scales,
    const float *restrict bias, float *restrict values, uint16_t *restrict halves) {
#pragma clang fp contract(fast)
    for (int o = 0; o < CODEC_PANEL; o++) {
        float value = sums[o] * share * scales[o] + bias[o];
        if (gelu) value = half ? gelu_near(value) : gelu_of(value);
        if (half)
            halves[o] = codec_rounded(value);
        else
            values[o] = value;
    }
}

// What follows the sums of `rows` rows and of the outputs from `first` on.
CODEC_LEVELS
static void finish_panel(
    const float *sums, size_t rows, size_t first_row, size_t first, size_t outputs, const codec_finish *finish) {
    size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
    // Missing outputs have sums of zero and no bias, so they stay zeros.
    float scales[CODEC_PANEL], bias[CODEC_PANEL] = {0}, values[CODEC_PANEL];
    uint16_t halves[CODEC_PANEL];
    for (size_t o = 0; o < CODEC_PANEL; o++) {
        scales[o] = finish->output_scales && o < count ? finish->output_scales[first + o] : 1.0f;
        if (finish->bias && o < count) bias[o] = finish->bias[first + o];
    }
    size_t room = finish->half ? finish->y_filled - first : count;
    if (room > CODEC_PANEL) room = CODEC_PANEL;
    for (size_t r = 0; r < rows; r++) {
        const float *from = sums + r * CODEC_PANEL;
        float share = finish->row_scales ? finish->row_scales[first_row + r] : 1.0f;
        size_t at = (first_row + r) * finish->y_stride + first;
        if (finish->half) {
            if (finish->gelu)
                finish_row(1, 1, from, share, scales, bias, values, halves);
            else
                finish_row(0, 1, from, share, scales, bias, values, halves);
            memcpy((uint16_t *)finish->y + at, halves, room * sizeof *halves);
        } else {
            if (finish->gelu)
                finish_row(1, 0, from, share, scales, bias, values, halves);
            else
                finish_row(0, 0, from, share, scales, bias, values, halves);
            float *restrict to = (float *)finish->y + at;
            if (!finish->add)
                memcpy(to, values, count * sizeof *values);
            else if (count == CODEC_PANEL)
                for (int o = 0; o < CODEC_PANEL; o++) to[o] += values[o];
            else
                for (size_t o = 0; o < count; o++) to[o] += values[o];
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
