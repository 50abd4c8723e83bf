// What the versions with AVX-512 do with a packed block: read its scales, and make bytes of 4 bits. The including file has
// switched the instructions on.
#pragma once

#include <immintrin.h>

#include "QuantisedLayout.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { VECTORS = CLQ_GROUP / 4 }; // of a group's inputs, in fours

INLINE __m512 scales_8(const uint8_t *block) { return _mm512_loadu_ps(block); }

INLINE __m512 scales_4(const uint8_t *block) {
    __m256i bits = _mm256_loadu_si256((const __m256i *)block);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/// The factors of one subgroup, in 32 bits per output.
INLINE __m512i factors_4(const uint8_t *block, int subgroup) {
    __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(block + 32)));
    return _mm512_and_si512(_mm512_srli_epi32(words, 4 * subgroup), _mm512_set1_epi32(15));
}

INLINE __m512 added(__m512 sum, __m512i dot, float x_scale, __m512 w_scales) {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), _mm512_mul_ps(_mm512_set1_ps(x_scale), w_scales), sum);
}

INLINE __mmask16 mask_of(size_t outputs) { return (__mmask16)(outputs >= CLQ_TILE ? 0xFFFF : (1u << outputs) - 1); }

/// How far to ask ahead from byte `at` of one of `tiles` tiles that are read side by side: `ahead` bytes on, and where the
/// tile ends before, so many bytes into the one that follows when all of these are read.
INLINE size_t ahead_of_tiles(size_t at, size_t ahead, size_t tiles, size_t tile_bytes) {
    return at + ahead < tile_bytes ? ahead : ahead + (tiles - 1) * tile_bytes;
}

/// The weights of a block of 4 bits as bytes of 8: q * s + `zero`, a constant.
INLINE void widen_4(const int zero, const uint8_t *block, uint8_t *panel) {
    const __m512i nibble = _mm512_set1_epi8(15);
    // All four factors in both halves of 32 bits.
    __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(block + 32)));
    words = _mm512_or_si512(words, _mm512_slli_epi32(words, 16));
    __m512i factors[4], offsets[4];
    UNROLL for (int s = 0; s < 4; s++) {
        // A product of unsigned q and s stays in its byte, at most 225.
        factors[s] = _mm512_and_si512(_mm512_srli_epi16(words, 4 * s), _mm512_set1_epi16(15));
        // zero - 8 s, in every byte: 8 s does not leave its own either.
        __m512i eightfold = _mm512_mullo_epi16(factors[s], _mm512_set1_epi16(0x0808));
        offsets[s] = _mm512_sub_epi8(_mm512_set1_epi8((char)zero), eightfold);
    }
    UNROLL for (int v = 0; v < VECTORS / 2; v++) {
        int s = v / 8;
        __m512i both = _mm512_loadu_si512(block + 64 + v * 64);
        __m512i low = _mm512_and_si512(both, nibble);
        __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
        low = _mm512_add_epi8(_mm512_mullo_epi16(low, factors[s]), offsets[s]);
        high = _mm512_add_epi8(_mm512_mullo_epi16(high, factors[s + 2]), offsets[s + 2]);
        _mm512_store_si512(panel + v * 64, low);
        _mm512_store_si512(panel + (v + VECTORS / 2) * 64, high);
    }
}
