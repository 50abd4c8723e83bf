// The quantised layers with AVX-512 VNNI: one instruction adds 64 products of an unsigned and a signed byte to 16 sums.
//
// Weights are the unsigned bytes (the integer + 128), activations the signed ones, four inputs repeated for 16 outputs.
// Sums start at -128 times the activations' sum, which takes the 128 out again.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#include "QuantisedRows.h"
#include "QuantisedWiden.h"

enum {
    ROW_BLOCK = 64,          // rows whose sums stay in the first cache
    ROW_TILE = 8,            // rows whose sums of two tiles stay in registers
    STREAMS = 4,             // tiles that a lone row reads side by side
};

INLINE __m512i four_inputs(clq_quantised_rows group, int v) {
    int32_t four;
    memcpy(&four, group.values + 4 * v, sizeof four);
    return _mm512_set1_epi32(four);
}

// MARK: One row, bound by memory

/// ask: whether to ask for weights `ahead` bytes in advance (a constant), or leave it to the CPU.
INLINE __m512i dot_8(const int ask, size_t ahead, clq_quantised_rows x, const uint8_t *block) {
    __m512i sums[4];
    if (ask) _mm_prefetch(block + ahead, _MM_HINT_T0);
    sums[0] = _mm512_set1_epi32(-128 * x.sums->all);
    UNROLL for (int s = 1; s < 4; s++) sums[s] = _mm512_setzero_si512();
    UNROLL for (int v = 0; v < VECTORS; v++) {
        if (ask) _mm_prefetch(block + 64 + v * 64 + ahead, _MM_HINT_T0);
        sums[v % 4] = _mm512_dpbusd_epi32(sums[v % 4], _mm512_loadu_si512(block + 64 + v * 64), four_inputs(x, v));
    }
    return _mm512_add_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_add_epi32(sums[2], sums[3]));
}

INLINE __m512i dot_4(const int ask, size_t ahead, clq_quantised_rows x, const uint8_t *block) {
    const __m512i nibble = _mm512_set1_epi8(15);
    __m512i sums[4];
    if (ask) _mm_prefetch(block + ahead, _MM_HINT_T0);
    UNROLL for (int s = 0; s < 4; s++) sums[s] = _mm512_set1_epi32(-8 * x.sums->subgroups[s]);
    UNROLL for (int v = 0; v < VECTORS / 2; v++) {
        if (ask) _mm_prefetch(block + 64 + v * 64 + ahead, _MM_HINT_T0);
        __m512i both = _mm512_loadu_si512(block + 64 + v * 64);
        __m512i low = _mm512_and_si512(both, nibble);
        __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
        int s = v / 8;
        sums[s] = _mm512_dpbusd_epi32(sums[s], low, four_inputs(x, v));
        sums[s + 2] = _mm512_dpbusd_epi32(sums[s + 2], high, four_inputs(x, v + VECTORS / 2));
    }
    UNROLL for (int s = 0; s < 4; s++) sums[s] = _mm512_mullo_epi32(sums[s], factors_4(block, s));
    return _mm512_add_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_add_epi32(sums[2], sums[3]));
}

/// `tiles` tiles (a constant) side by side. ahead: bytes that weights are asked for in advance, or 0 (a constant).
INLINE void tiles_of_row(const int bits, const int tiles, const int ahead, clq_quantised_rows x, size_t x_stride,
                         const uint8_t *w, size_t groups, size_t outputs, float *y) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4, tile_bytes = groups * block_bytes;
    __m512 sums[STREAMS];
    UNROLL for (int t = 0; t < tiles; t++) sums[t] = _mm512_setzero_ps();
    for (size_t g = 0; g < groups; g++, x = clq_rows_from(x, x_stride), w += block_bytes) {
        const size_t on = ahead_of_tiles(g * block_bytes, (size_t)ahead, (size_t)tiles, tile_bytes);
        UNROLL for (int t = 0; t < tiles; t++) {
            const uint8_t *block = w + (size_t)t * tile_bytes;
            __m512i dot = bits == 8 ? dot_8(ahead != 0, on, x, block) : dot_4(ahead != 0, on, x, block);
            sums[t] = added(sums[t], dot, *x.scales, bits == 8 ? scales_8(block) : scales_4(block));
        }
    }
    UNROLL for (int t = 0; t < tiles; t++)
        _mm512_mask_storeu_ps(y + t * CLQ_TILE, mask_of(outputs - (size_t)t * CLQ_TILE), sums[t]);
}

INLINE void row(const int bits, const int tiles, const int ahead, clq_quantised_rows x, size_t x_stride,
                const uint8_t *w, size_t groups, size_t outputs, float *y) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    size_t o = 0;
    for (; o + (size_t)(tiles - 1) * CLQ_TILE < outputs; o += (size_t)tiles * CLQ_TILE)
        tiles_of_row(bits, tiles, ahead, x, x_stride, w + o / CLQ_TILE * tile_bytes, groups, outputs - o, y + o);
    for (; o < outputs; o += CLQ_TILE)
        tiles_of_row(bits, 1, ahead, x, x_stride, w + o / CLQ_TILE * tile_bytes, groups, outputs - o, y + o);
}

// MARK: Several rows, bound by arithmetic

/// One group of `rows` x `tiles` * 16 elements (both constants): adds it to `sums`, [row][2 * CLQ_TILE].
/// panel: for each of the tiles VECTORS vectors of unsigned bytes, `panel_stride` bytes from tile to tile.
INLINE void add_group(const int rows, const int tiles, clq_quantised_rows x, const uint8_t *panel,
                      size_t panel_stride, const __m512 *w_scales, float *sums) {
    __m512i dots[ROW_TILE * 2];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < tiles; t++) dots[r * tiles + t] = _mm512_set1_epi32(-128 * x.sums[r].all);
    for (int v = 0; v < VECTORS; v++) {
        __m512i weights[2];
        UNROLL for (int t = 0; t < tiles; t++)
            weights[t] = _mm512_loadu_si512(panel + (size_t)t * panel_stride + v * 64);
        UNROLL for (int r = 0; r < rows; r++) {
            __m512i values = four_inputs(clq_rows_from(x, r), v);
            UNROLL for (int t = 0; t < tiles; t++)
                dots[r * tiles + t] = _mm512_dpbusd_epi32(dots[r * tiles + t], weights[t], values);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < tiles; t++) {
            float *sum = sums + (r * 2 + t) * CLQ_TILE;
            _mm512_storeu_ps(sum, added(_mm512_loadu_ps(sum), dots[r * tiles + t], x.scales[r], w_scales[t]));
        }
}

/// All rows of a block, in row tiles.
INLINE void add_group_to_block(const int tiles, size_t rows, clq_quantised_rows x, const uint8_t *panel,
                               size_t panel_stride, const __m512 *w_scales, float *sums) {
    size_t r = 0;
    for (; r + ROW_TILE <= rows; r += ROW_TILE)
        add_group(ROW_TILE, tiles, clq_rows_from(x, r), panel, panel_stride, w_scales, sums + r * 2 * CLQ_TILE);
    x = clq_rows_from(x, r);
    sums += r * 2 * CLQ_TILE;
    switch (rows - r) {
    case 1: add_group(1, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 2: add_group(2, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 3: add_group(3, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 4: add_group(4, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 5: add_group(5, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 6: add_group(6, tiles, x, panel, panel_stride, w_scales, sums); break;
    case 7: add_group(7, tiles, x, panel, panel_stride, w_scales, sums); break;
    }
}

/// `tiles` tiles (1 or 2) for up to ROW_BLOCK rows. ahead: as for a lone row. All three are constants.
INLINE void block_of_rows(const int bits, const int ahead, const int tiles, clq_quantised_rows x,
                          size_t x_stride, size_t rows, const uint8_t *w, size_t groups, size_t outputs, float *y,
                          size_t y_stride) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4;
    float sums[ROW_BLOCK * 2 * CLQ_TILE] __attribute__((aligned(64)));
    uint8_t widened[2 * CLQ_TILE * CLQ_GROUP] __attribute__((aligned(64)));
    memset(sums, 0, rows * 2 * CLQ_TILE * sizeof *sums);
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *block = w + g * block_bytes, *panel = block + 64;
        size_t panel_stride = groups * block_bytes;
        __m512 w_scales[2];
        const size_t on = ahead_of_tiles(g * block_bytes, (size_t)ahead, (size_t)tiles, groups * block_bytes);
        UNROLL for (int t = 0; t < tiles; t++) {
            const uint8_t *tile = block + (size_t)t * groups * block_bytes;
            for (size_t line = 0; ahead && line < block_bytes; line += 64)
                _mm_prefetch(tile + on + line, _MM_HINT_T0);
            w_scales[t] = bits == 8 ? scales_8(tile) : scales_4(tile);
            if (bits == 4) widen_4(128, tile, widened + t * CLQ_TILE * CLQ_GROUP);
        }
        if (bits == 4) {
            panel = widened;
            panel_stride = CLQ_TILE * CLQ_GROUP;
        }
        add_group_to_block(tiles, rows, clq_rows_from(x, g * x_stride), panel, panel_stride, w_scales, sums);
    }
    for (size_t r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < tiles; t++)
            _mm512_mask_storeu_ps(y + r * y_stride + t * CLQ_TILE, mask_of(outputs - (size_t)t * CLQ_TILE),
                                  _mm512_load_ps(sums + (r * 2 + t) * CLQ_TILE));
}

INLINE void linear(const int bits, const int ahead, clq_quantised_rows x, size_t x_stride, size_t rows,
                   const uint8_t *w, size_t groups, size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    size_t o = 0;
    for (; o + CLQ_TILE < outputs; o += 2 * CLQ_TILE)
        for (size_t r = 0; r < rows; r += ROW_BLOCK)
            block_of_rows(bits, ahead, 2, clq_rows_from(x, r), x_stride, rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK,
                          w + o / CLQ_TILE * tile_bytes, groups, outputs - o, y + r * y_stride + o, y_stride);
    if (o < outputs)
        for (size_t r = 0; r < rows; r += ROW_BLOCK)
            block_of_rows(bits, ahead, 1, clq_rows_from(x, r), x_stride, rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK,
                          w + o / CLQ_TILE * tile_bytes, groups, outputs - o, y + r * y_stride + o, y_stride);
}

/// A layer whose lone row reads `tiles` tiles side by side, and asks for weights `lone` bytes ahead; several rows ask `several`
/// ahead: what is widened is asked for anyway, since widening stalls on memory. No bit depends on it.
#define LAYER(name, bits, tiles, lone, several)                                                                        \
    static void name(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,      \
                     size_t outputs, float *y, size_t y_stride) {                                                      \
        if (rows == 1)                                                                                                 \
            row(bits, tiles, lone, x, x_stride, w, groups, outputs, y);                                                \
        else                                                                                                           \
            linear(bits, several, x, x_stride, rows, w, groups, outputs, y, y_stride);                                 \
    }

// Zen 4: its own guess of what comes next is good where a block takes time to unpack, or is multiplied as it lies.
LAYER(linear_8, 8, 1, 8192, 0)
LAYER(linear_4, 4, 1, 0, CLQ_BLOCK_BYTES_4)
// Intel: a stream of its own has a core wait at the end of each page; four, asked for, give a quarter more.
LAYER(linear_8_streams, 8, STREAMS, 2048, CLQ_BLOCK_BYTES_8)
LAYER(linear_4_streams, 4, STREAMS, 2048, 2 * CLQ_BLOCK_BYTES_4)

// Of many rows: their layers are the same in both.
#include "QuantisedGated.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_vnni = QUANTISED_KERNELS(linear_8, linear_4);
const clq_quantised_kernels clq_quantised_vnni_streams = QUANTISED_KERNELS(linear_8_streams, linear_4_streams);
#endif
