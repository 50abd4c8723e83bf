// The quantised layers with tiles of bytes, for whatever defines the tile instructions: QuantisedAMX.c those of the CPU,
// QuantisedAMXEmulated.c plain C that does the same. The including file has switched AVX-512 on.
//
// A tile holds 16 rows of 64 bytes. Activations: 64 inputs of 16 rows. Weights: 16 vectors as they are packed, which are
// 64 inputs of 16 outputs, made signed. One instruction adds the 64 products of every row with every output to 16 x 16
// sums of 32 bits.
//
// A step is one group of 16 rows and 32 outputs: four such instructions. The group's weights stay in four tiles while all
// rows pass, two tiles hold the rows, two the sums. What a step sums meets its scales two steps later, row by row between
// the instructions of that step: beside the tiles' unit the vector units would idle, and a core whose other thread is busy
// gets through such a mixture faster than through tiles alone.
//
// Needs: TILES_BEGIN(configuration), TILES_END(), TILE_ZERO(c), TILE_LOAD(t, from, stride), TILE_STORE(t, to, stride),
// TILE_DOT(c, rows, columns), with the number of a tile written out; FEW_ROWS, the table for few rows.
#include "QuantisedRows.h"
#include "QuantisedWiden.h"
#include "TileConfiguration.h"

enum {
    TILE_ROWS = 16,
    STEP_OUTPUTS = 2 * CLQ_TILE,
    ROW_BLOCK = 128,  // rows whose sums stay in the first cache
    ROWS_LEAST = 12,  // fewer are faster without tiles
    STREAM_ROWS = 32, // of more rows than these, results are too many for the caches they would be fetched into
    LATE = 2,         // steps until a sum meets its scales
    AHEAD = 4096,     // bytes that weights are asked for in advance
    HALF = CLQ_TILE * CLQ_GROUP / 2, // bytes of a tile's block of weights, signed, that fill a tile of the CPU
};

/// All eight tiles in full.
static const tile_configuration full_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS},
};

typedef int32_t step_dots[2][TILE_ROWS][CLQ_TILE];

/// What a call works in.
typedef struct workplace {
    float sums[ROW_BLOCK][STEP_OUTPUTS];
    uint8_t panels[2][2][2 * HALF]; // signed weights of this group and the next
    step_dots dots[LATE + 1];
    float nowhere[TILE_ROWS][STEP_OUTPUTS]; // sums of no step
    // Rows that do not fill a step: of the one that is loaded, the one at work, and those that are late.
    clq_quantised_group copies[LATE + 2][TILE_ROWS];
} __attribute__((aligned(64))) workplace;

/// What a step's integers become sums with.
typedef struct step {
    const clq_quantised_group *x;
    float (*sums)[STEP_OUTPUTS];
    __m512 w_scales[2];
} step;

/// The rows `first` to `last` of a step.
INLINE void finish(const int tiles, const int first, const int last, const step *step, const step_dots *dots) {
    UNROLL for (int r = first; r < last; r++)
        UNROLL for (int t = 0; t < tiles; t++) {
            float *sum = step->sums[r] + t * CLQ_TILE;
            __m512i dot = _mm512_load_si512((*dots)[t][r]);
            _mm512_store_ps(sum, added(_mm512_load_ps(sum), dot, step->x[r].scale, step->w_scales[t]));
        }
}

/// Signed weights of one or two blocks, and their scales. ahead: from where each block begins.
INLINE void widen(const int bits, const int tiles, const uint8_t *block, size_t tile_bytes, size_t ahead,
                  uint8_t (*panel)[2 * HALF], __m512 *scales) {
    UNROLL for (int t = 0; t < tiles; t++, block += tile_bytes) {
        UNROLL for (int n = 0; n < (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4); n += 64)
            _mm_prefetch(block + ahead + n, _MM_HINT_T1);
        scales[t] = bits == 8 ? scales_8(block) : scales_4(block);
        if (bits == 4)
            widen_4(0, block, panel[t]);
        else
            UNROLL for (int v = 0; v < VECTORS; v++)
                _mm512_store_si512(panel[t] + v * 64, _mm512_xor_si512(_mm512_loadu_si512(block + 64 + v * 64),
                                                                       _mm512_set1_epi8((char)128)));
    }
}

/// The rows of a step, or a copy with what is missing as zeros: a tile reads 16 rows, and they must be ours.
INLINE const clq_quantised_group *rows_of_step(const clq_quantised_group *x, size_t left, clq_quantised_group *copy) {
    if (left >= TILE_ROWS) return x;
    memcpy(copy, x, left * sizeof *x);
    return copy;
}

/// The sums of `tiles` tiles of outputs (1 or 2, a constant) for up to ROW_BLOCK rows.
INLINE void block_of_rows(const int bits, const int tiles, const clq_quantised_group *x, size_t x_stride, size_t rows,
                          const uint8_t *w, size_t groups, workplace *at) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4, tile_bytes = groups * block_bytes;
    // All rows of the last step, of which some may be beyond the last row.
    memset(at->sums, 0, (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS * sizeof at->sums[0]);
    step late[LATE];
    for (int n = 0; n < LATE; n++)
        late[n] = (step){.x = at->copies[0], .sums = at->nowhere, .w_scales = {_mm512_setzero_ps(), _mm512_setzero_ps()}};
    step_dots *to = at->dots, *before = at->dots + 1, *oldest = at->dots + 2;
    __m512 scales[2], next_scales[2];
    widen(bits, tiles, w, tile_bytes, ahead_of_tiles(0, AHEAD, (size_t)tiles, tile_bytes), at->panels[0], next_scales);
    const clq_quantised_group *now = rows_of_step(x, rows, at->copies[0]);
    int turn = 1;
    TILE_ZERO(0);
    if (tiles == 2) TILE_ZERO(1);
    TILE_LOAD(2, now->values, sizeof *x);
    TILE_LOAD(3, now->values + 64, sizeof *x);
    for (size_t g = 0; g < groups; g++, x += x_stride, w += block_bytes) {
        UNROLL for (int t = 0; t < tiles; t++) scales[t] = next_scales[t];
        if (g + 1 < groups)
            widen(bits, tiles, w + block_bytes, tile_bytes,
                  ahead_of_tiles((g + 1) * block_bytes, AHEAD, (size_t)tiles, tile_bytes), at->panels[(g + 1) % 2],
                  next_scales);
        const uint8_t(*panel)[2 * HALF] = (const uint8_t(*)[2 * HALF])at->panels[g % 2];
        TILE_LOAD(4, panel[0], 64);
        if (tiles == 2) TILE_LOAD(5, panel[1], 64);
        TILE_LOAD(6, panel[0] + HALF, 64);
        if (tiles == 2) TILE_LOAD(7, panel[1] + HALF, 64);
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
            size_t following = r + TILE_ROWS;
            const clq_quantised_group *next = now;
            if (following < rows)
                next = rows_of_step(x + following, rows - following, at->copies[turn % (LATE + 2)]);
            else if (g + 1 < groups)
                next = rows_of_step(x + x_stride, rows, at->copies[turn % (LATE + 2)]);
            turn++;
            TILE_DOT(0, 2, 4);
            if (tiles == 2) TILE_DOT(1, 2, 5);
            TILE_LOAD(2, next->values, sizeof *x);
            finish(tiles, 0, 6, late, oldest);
            TILE_DOT(0, 3, 6);
            finish(tiles, 6, 8, late, oldest);
            if (tiles == 2) TILE_DOT(1, 3, 7);
            TILE_LOAD(3, next->values + 64, sizeof *x);
            finish(tiles, 8, 12, late, oldest);
            TILE_STORE(0, (*to)[0], sizeof (*to)[0][0]);
            TILE_ZERO(0);
            finish(tiles, 12, 14, late, oldest);
            if (tiles == 2) TILE_STORE(1, (*to)[1], sizeof (*to)[0][0]);
            if (tiles == 2) TILE_ZERO(1);
            finish(tiles, 14, TILE_ROWS, late, oldest);
            late[0] = late[1];
            late[1] = (step){.x = now, .sums = at->sums + r, .w_scales = {scales[0], scales[tiles - 1]}};
            step_dots *free = oldest;
            oldest = before;
            before = to;
            to = free;
            now = next;
        }
    }
    finish(tiles, 0, TILE_ROWS, late, oldest);
    finish(tiles, 0, TILE_ROWS, late + 1, before);
}

INLINE void write_rows(const int tiles, float (*sums)[STEP_OUTPUTS], size_t rows, size_t outputs, float *y,
                       size_t y_stride, int past_caches) {
    for (size_t r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < tiles; t++) {
            float *to = y + r * y_stride + t * CLQ_TILE;
            __m512 sum = _mm512_load_ps(sums[r] + t * CLQ_TILE);
            if (past_caches && outputs >= (size_t)(t + 1) * CLQ_TILE)
                _mm512_stream_ps(to, sum);
            else
                _mm512_mask_storeu_ps(to, mask_of(outputs - (size_t)t * CLQ_TILE), sum);
        }
}

INLINE void linear(const int bits, const clq_quantised_group *x, size_t x_stride, size_t rows, const uint8_t *w,
                   size_t groups, size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    const int past_caches = rows > STREAM_ROWS && ((uintptr_t)y | y_stride * sizeof *y) % 64 == 0;
    workplace at;
    memset(at.dots, 0, sizeof at.dots);
    memset(at.nowhere, 0, sizeof at.nowhere);
    memset(at.copies, 0, sizeof at.copies);
    // In this function, so that no compiler has a reason to move it behind a tile's use.
    TILES_BEGIN(&full_tiles);
    for (size_t o = 0; o < outputs; o += STEP_OUTPUTS)
        for (size_t r = 0; r < rows; r += ROW_BLOCK) {
            size_t count = rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK;
            const uint8_t *from = w + o / CLQ_TILE * tile_bytes;
            float *to = y + r * y_stride + o;
            if (outputs - o <= CLQ_TILE) {
                block_of_rows(bits, 1, x + r, x_stride, count, from, groups, &at);
                write_rows(1, at.sums, count, outputs - o, to, y_stride, past_caches);
            } else {
                block_of_rows(bits, 2, x + r, x_stride, count, from, groups, &at);
                write_rows(2, at.sums, count, outputs - o, to, y_stride, past_caches);
            }
        }
    TILES_END();
    // What went past the caches is seen by others only behind this.
    if (past_caches) _mm_sfence();
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
