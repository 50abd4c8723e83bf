// The finishing of rows with GELU in eight stages, for a version that has as many places for them between its products: what
// codec_finish_rows.h does in a piece. There the steps of a polynomial wait for each other, and a core whose other thread is
// busy sees too little ahead to do anything else in the meantime; here the four vectors of a row go side by side, two steps
// a stage. For AVX-512 with its instruction that rounds; the bits are the same.
#pragma once

#include <immintrin.h>

#include "codec_finish.h"
#include "codec_gelu.h"

enum { CODEC_STAGES = 8, STAGED_VECTORS = CODEC_PANEL / LANES };

typedef struct codec_stages {
    codec_finishing *it;
    __m512 x[STAGED_VECTORS], near[STAGED_VECTORS], u[STAGED_VECTORS], p[STAGED_VECTORS];
} codec_stages;

#define EACH_VECTOR CODEC_UNROLL for (int v = 0; v < STAGED_VECTORS; v++)

// Makes a row's values be where they are in the text: the compiler would gather all the stages in one place.
CODEC_INLINE void stages_stay(codec_stages *at) {
    EACH_VECTOR __asm__ volatile("" : "+v"(at->x[v]), "+v"(at->near[v]), "+v"(at->u[v]), "+v"(at->p[v]));
}

CODEC_INLINE __m512 coefficient_of(int power) { return _mm512_set1_ps(gelu_coefficients[power]); }

CODEC_INLINE void next_powers(codec_stages *at, int power) {
    EACH_VECTOR at->p[v] = _mm512_fmadd_ps(at->p[v], at->u[v], coefficient_of(power));
    EACH_VECTOR at->p[v] = _mm512_fmadd_ps(at->p[v], at->u[v], coefficient_of(power - 1));
}

// Does stage 0 to 7 of the next row; with the last the row is done. `scaled`: whether outputs have scales.
CODEC_INLINE void codec_stage(codec_stages *at, const int scaled, const int stage) {
    codec_finishing *it = at->it;
    const codec_finished_panel *panel = it->panel;
    const __m512 most = _mm512_set1_ps(GELU_NEAR), least = _mm512_set1_ps(-GELU_NEAR);
    switch (stage) {
    case 0:
        EACH_VECTOR {
            __m512 sum = _mm512_loadu_ps(it->sums + v * LANES), bias = _mm512_loadu_ps(panel->bias + v * LANES);
            at->x[v] = scaled ? _mm512_fmadd_ps(sum, _mm512_loadu_ps(panel->scales + v * LANES), bias)
                              : _mm512_add_ps(sum, bias);
            at->near[v] = at->u[v] = at->p[v] = at->x[v];
        }
        break;
    case 1:
        EACH_VECTOR at->near[v] = _mm512_max_ps(_mm512_min_ps(at->x[v], most), least);
        break;
    case 2:
        EACH_VECTOR at->u[v] = _mm512_mul_ps(at->near[v], at->near[v]);
        EACH_VECTOR at->p[v] = _mm512_fmadd_ps(at->u[v], coefficient_of(8), coefficient_of(7));
        break;
    case 3: next_powers(at, 6); break;
    case 4: next_powers(at, 4); break;
    case 5: next_powers(at, 2); break;
    case 6:
        EACH_VECTOR at->p[v] = _mm512_fmadd_ps(at->p[v], at->u[v], coefficient_of(0));
        EACH_VECTOR at->p[v] = _mm512_fmadd_ps(at->p[v], at->near[v], _mm512_set1_ps(0.5f));
        break;
    default: {
        EACH_VECTOR at->x[v] = _mm512_mul_ps(at->x[v], at->p[v]);
        uint16_t *to = (uint16_t *)panel->finish->y + it->row * panel->finish->y_stride + panel->first;
        CODEC_UNROLL for (int v = 0; v < STAGED_VECTORS; v += 2)
            _mm512_storeu_si512(to + v * LANES, (__m512i)_mm512_cvtne2ps_pbh(at->x[v + 1], at->x[v]));
        codec_row_done(it);
        return;
    }
    }
    stages_stay(at);
}
#undef EACH_VECTOR
