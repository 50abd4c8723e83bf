// Rounding CODEC_PANEL floats to bfloat16, to nearest, ties to even, and summing what was rounded: in plain C, and by the
// instructions of AVX-512, which take numbers below 2^-126 for zero and else give the same bits. What rounds a lot has a text
// that is included for both.
#pragma once

#include "codec_products_versions.h"

CODEC_INLINE void codec_round_panel(const float *restrict values, uint16_t *restrict halves) {
    for (int o = 0; o < CODEC_PANEL; o++) halves[o] = codec_rounded(values[o]);
}

// Adds CODEC_PANEL halves to LANES sums: two neighbours go to one, the second first.
CODEC_INLINE void codec_sum_panel(const uint16_t *restrict halves, float *restrict sums) {
    for (int o = 0; o < CODEC_PANEL; o += 2 * LANES)
        for (int lane = 0; lane < LANES; lane++) {
            sums[lane] += codec_widened(halves[o + 2 * lane + 1]);
            sums[lane] += codec_widened(halves[o + 2 * lane]);
        }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define CODEC_ROUNDING_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx512vl,avx512dq,avx512bf16\"))), apply_to = function)")
#define CODEC_ROUNDING_END _Pragma("clang attribute pop")

CODEC_ROUNDING_BEGIN
CODEC_INLINE void codec_round_panel_at_once(const float *values, uint16_t *halves) {
    CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o += 32) {
        __m512bh pair = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(values + o + 16), _mm512_loadu_ps(values + o));
        _mm512_storeu_si512(halves + o, (__m512i)pair);
    }
}

CODEC_INLINE void codec_sum_panel_at_once(const uint16_t *halves, float *sums) {
    const __m512bh ones = (__m512bh)_mm512_set1_epi16(0x3F80);
    __m512 sum = _mm512_loadu_ps(sums);
    CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o += 32)
        sum = _mm512_dpbf16_ps(sum, (__m512bh)_mm512_loadu_si512(halves + o), ones);
    _mm512_storeu_ps(sums, sum);
}
CODEC_ROUNDING_END

// Whether this CPU can run what stands between CODEC_ROUNDING_BEGIN and CODEC_ROUNDING_END.
static inline int codec_rounds_at_once(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif
