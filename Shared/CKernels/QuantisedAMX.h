// The quantised layers with tiles of bytes, for whatever defines the tile instructions: QuantisedAMX.c those of the CPU,
// QuantisedAMXEmulated.c plain C that does the same. The including file has switched AVX-512 on.
//
// A tile holds 16 rows of 64 bytes. Activations: 64 inputs of 16 rows, signed. Weights: 16 vectors as they are packed,
// which are 64 inputs of 16 outputs, unsigned. One instruction adds the 64 products of every row with every output to 16
// x 16 sums of 32 bits; two rows' worth of tiles and two of outputs' make a step of 32 x 32. What the sums owe for the
// 128 in the weights is taken out behind, together with the scales, one step late: meanwhile the tiles do the next.
//
// Needs: TILES_BEGIN(configuration), TILES_END(), TILE_ZERO(c), TILE_LOAD(t, from, stride), TILE_STORE(t, to, stride),
// TILE_DOT(c, signed_rows, unsigned_columns), with the number of a tile written out; FEW_ROWS, the table for few rows.
#include "QuantisedRows.h"
#include "QuantisedWiden.h"

enum {
    TILE_ROWS = 16,
    STEP_ROWS = 2 * TILE_ROWS,
    STEP_OUTPUTS = 2 * CLQ_TILE,
    STEPS = 4, // whose sums, and rows, stay in the first two caches
    ROW_BLOCK = STEPS * STEP_ROWS,
    ROWS_LEAST = 8, // fewer are faster without tiles
    AHEAD = 8192,   // bytes that weights are asked for in advance
};

/// The operand of LDTILECFG: rows and bytes of a row of each tile.
typedef struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;

/// All eight tiles in full.
static const tile_configuration full_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS},
};

typedef int32_t step_dots[STEP_ROWS][STEP_OUTPUTS];

/// What a step's integers still need to become sums.
typedef struct unfinished {
    const clq_quantised_group *x;
    size_t rows;
    __m512 w_scales[2];
    const step_dots *dots;
    float *sums; // [row][STEP_OUTPUTS]
} unfinished;

INLINE void finish(const int tiles, const unfinished *step) {
    for (size_t r = 0; r < step->rows; r++) {
        __m512i owed = _mm512_set1_epi32(128 * step->x[r].sum);
        UNROLL for (int t = 0; t < tiles; t++) {
            float *sum = step->sums + r * STEP_OUTPUTS + t * CLQ_TILE;
            __m512i dot = _mm512_sub_epi32(_mm512_load_si512((*step->dots)[r] + t * CLQ_TILE), owed);
            _mm512_store_ps(sum, added(_mm512_load_ps(sum), dot, step->x[r].scale, step->w_scales[t]));
        }
    }
}

/// The integers of one group for 16 or 32 rows, `stride` bytes apart, and one or two tiles of outputs.
INLINE void multiply(const int tall, const int tiles, const void *rows, size_t stride, const uint8_t *panel,
                     size_t panel_stride, step_dots *dots) {
    const uint8_t *a = rows;
    TILE_ZERO(0);
    if (tiles == 2) TILE_ZERO(1);
    if (tall) TILE_ZERO(2);
    if (tall && tiles == 2) TILE_ZERO(3);
    UNROLL for (int half = 0; half < 2; half++) {
        TILE_LOAD(4, a + half * 64, stride);
        TILE_LOAD(6, panel + half * 1024, (size_t)64);
        TILE_DOT(0, 4, 6);
        if (tiles == 2) {
            TILE_LOAD(7, panel + panel_stride + half * 1024, (size_t)64);
            TILE_DOT(1, 4, 7);
        }
        if (tall) {
            TILE_LOAD(5, a + TILE_ROWS * stride + half * 64, stride);
            TILE_DOT(2, 5, 6);
            if (tiles == 2) TILE_DOT(3, 5, 7);
        }
    }
    TILE_STORE(0, (*dots)[0], sizeof (*dots)[0]);
    if (tiles == 2) TILE_STORE(1, (*dots)[0] + CLQ_TILE, sizeof (*dots)[0]);
    if (tall) TILE_STORE(2, (*dots)[TILE_ROWS], sizeof (*dots)[0]);
    if (tall && tiles == 2) TILE_STORE(3, (*dots)[TILE_ROWS] + CLQ_TILE, sizeof (*dots)[0]);
}

/// `tiles` tiles (1 or 2, a constant) for up to ROW_BLOCK rows.
INLINE void block_of_rows(const int bits, const int tiles, const clq_quantised_group *x, size_t x_stride, size_t rows,
                          const uint8_t *w, size_t groups, size_t outputs, float *y, size_t y_stride) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4, tile_bytes = groups * block_bytes;
    _Alignas(64) float sums[ROW_BLOCK][STEP_OUTPUTS];
    _Alignas(64) uint8_t widened[2][CLQ_TILE * CLQ_GROUP];
    _Alignas(64) int8_t padded[STEP_ROWS][CLQ_GROUP];
    _Alignas(64) step_dots dots[2];
    unfinished last = {.rows = 0};
    int turn = 0;
    memset(sums, 0, rows * sizeof sums[0]);
    // A tile reads 16 rows; past the last one it must find memory of ours.
    memset(padded, 0, sizeof padded);
    for (size_t g = 0; g < groups; g++, x += x_stride, w += block_bytes) {
        const uint8_t *panel = w + 64;
        size_t panel_stride = tile_bytes;
        __m512 w_scales[2];
        UNROLL for (int t = 0; t < tiles; t++) {
            const uint8_t *block = w + (size_t)t * tile_bytes;
            w_scales[t] = bits == 8 ? scales_8(block) : scales_4(block);
            for (size_t n = 0; n < block_bytes; n += 64) _mm_prefetch(block + AHEAD + n, _MM_HINT_T0);
            if (bits == 4) widen_4(block, widened[t]);
        }
        if (bits == 4) {
            panel = widened[0];
            panel_stride = sizeof widened[0];
        }
        for (size_t r = 0; r < rows; r += STEP_ROWS, turn = !turn) {
            size_t left = rows - r;
            const void *from = x[r].values;
            size_t stride = sizeof *x;
            if (left < STEP_ROWS && left != TILE_ROWS) {
                for (size_t n = 0; n < left; n++) memcpy(padded[n], x[r + n].values, sizeof padded[n]);
                from = padded;
                stride = sizeof padded[0];
            }
            if (left <= TILE_ROWS)
                multiply(0, tiles, from, stride, panel, panel_stride, dots + turn);
            else
                multiply(1, tiles, from, stride, panel, panel_stride, dots + turn);
            finish(tiles, &last);
            last = (unfinished){.x = x + r,
                                .rows = left < STEP_ROWS ? left : STEP_ROWS,
                                .w_scales = {w_scales[0], w_scales[tiles - 1]},
                                .dots = dots + turn,
                                .sums = sums[r]};
        }
    }
    finish(tiles, &last);
    for (size_t r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < tiles; t++)
            _mm512_mask_storeu_ps(y + r * y_stride + t * CLQ_TILE, mask_of(outputs - (size_t)t * CLQ_TILE),
                                  _mm512_load_ps(sums[r] + t * CLQ_TILE));
}

INLINE void linear(const int bits, const clq_quantised_group *x, size_t x_stride, size_t rows, const uint8_t *w,
                   size_t groups, size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    // In this function, so that no compiler has a reason to move it behind a tile's use.
    TILES_BEGIN(&full_tiles);
    for (size_t o = 0; o < outputs; o += STEP_OUTPUTS)
        for (size_t r = 0; r < rows; r += ROW_BLOCK) {
            size_t count = rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK;
            const uint8_t *from = w + o / CLQ_TILE * tile_bytes;
            float *to = y + r * y_stride + o;
            if (outputs - o > CLQ_TILE)
                block_of_rows(bits, 2, x + r, x_stride, count, from, groups, outputs - o, to, y_stride);
            else
                block_of_rows(bits, 1, x + r, x_stride, count, from, groups, outputs - o, to, y_stride);
        }
    TILES_END();
}

static void linear_8(const clq_quantised_group *x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    if (rows < ROWS_LEAST)
        FEW_ROWS.linear_8(x, x_stride, rows, w, groups, outputs, y, y_stride);
    else
        linear(8, x, x_stride, rows, w, groups, outputs, y, y_stride);
}

static void linear_4(const clq_quantised_group *x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    if (rows < ROWS_LEAST)
        FEW_ROWS.linear_4(x, x_stride, rows, w, groups, outputs, y, y_stride);
    else
        linear(4, x, x_stride, rows, w, groups, outputs, y, y_stride);
}
