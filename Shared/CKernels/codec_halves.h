// Rounding CODEC_PANEL floats to bfloat16, to nearest, ties to even, in place too: in plain C, and by the instruction of
// AVX-512, which takes numbers below 2^-126 for zero and else gives the same bits. What rounds a lot has a text that is
// included for both.
#pragma once

#include "codec_products_versions.h"

CODEC_INLINE void codec_round_panel(float *restrict values, uint16_t *restrict halves) {
    for (int o = 0; o < CODEC_PANEL; o++) {
        halves[o] = codec_rounded(values[o]);
        values[o] = codec_widened(halves[o]);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define CODEC_ROUNDING_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx512vl,avx512dq,avx512bf16\"))), apply_to = function)")
#define CODEC_ROUNDING_END _Pragma("clang attribute pop")

CODEC_ROUNDING_BEGIN
CODEC_INLINE void codec_round_panel_at_once(float *values, uint16_t *halves) {
    CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o += 32) {
        __m512bh pair = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(values + o + 16), _mm512_loadu_ps(values + o));
        _mm512_storeu_si512(halves + o, (__m512i)pair);
        __m512i first = _mm512_cvtepu16_epi32(_mm512_castsi512_si256((__m512i)pair));
        __m512i second = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64((__m512i)pair, 1));
        _mm512_storeu_ps(values + o, (__m512)_mm512_slli_epi32(first, 16));
        _mm512_storeu_ps(values + o + 16, (__m512)_mm512_slli_epi32(second, 16));
    }
}
CODEC_ROUNDING_END

// Whether this CPU can run what stands between CODEC_ROUNDING_BEGIN and CODEC_ROUNDING_END.
static inline int codec_rounds_at_once(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif
