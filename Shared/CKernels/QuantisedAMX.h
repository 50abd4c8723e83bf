// The quantised layers with tiles of bytes, for whatever defines the tile instructions: QuantisedAMX.c those of the CPU,
// QuantisedAMXEmulated.c plain C that does the same. The including file has switched AVX-512 on.
//
// A tile holds 16 rows of 64 bytes. Activations: 64 inputs of 16 rows. Weights: 16 vectors as they are packed, which are
// 64 inputs of 16 outputs, made signed. One instruction adds the 64 products of every row with every output to 16 x 16
// sums of 32 bits.
//
// A step is one group of 16 rows and 32 outputs: four such instructions. The group's weights stay in four tiles while all
// rows of a block pass, two tiles hold the rows, two the sums. What a step sums meets its scales one step later, row by row
// between the instructions of that step: beside the tiles' unit the vector units would idle, and a core whose other thread
// is busy gets through such a mixture faster than through tiles alone. For the same reason the rows of the next step are
// asked for one by one: a tile that waits for the second cache holds up what stands behind it.
//
// Needs: TILES_BEGIN(configuration), TILES_END(), TILE_ZERO(c), TILE_LOAD(t, from, stride), TILE_STORE(t, to, stride),
// TILE_DOT(c, rows, columns), with the number of a tile written out; FEW_ROWS, the table for few rows.
#include "QuantisedRows.h"
#include "QuantisedWiden.h"
#include "TileConfiguration.h"

enum {
    TILE_ROWS = 16,
    STEP_OUTPUTS = 2 * CLQ_TILE,
    ROW_BLOCK = 128,     // rows whose sums stay in the first cache
    CACHED = 1 << 20,    // bytes of rows that stay in the second
    PANELS = 64,         // groups whose signed weights are kept from block of rows to block of rows
    ROWS_LEAST = 12,     // fewer are faster without tiles
    STREAM_ROWS = 32,    // of more rows than these, results are too many for the caches they would be fetched into
    AHEAD = 4096,        // bytes that weights are asked for in advance
    HALF = CLQ_TILE * CLQ_GROUP / 2, // bytes of a tile's block of weights, signed, that fill a tile of the CPU
};

/// All eight tiles in full.
static const tile_configuration full_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS},
};

/// Weights of a group as bytes with a sign, and their scales.
typedef struct panel {
    uint8_t weights[2][2 * HALF];
    float scales[2][CLQ_TILE];
} panel;

typedef int32_t step_dots[2][TILE_ROWS][CLQ_TILE];

/// What a call works in.
typedef struct workplace {
    float sums[ROW_BLOCK][STEP_OUTPUTS];
    step_dots dots[2];
    panel panels[PANELS];
} __attribute__((aligned(64))) workplace;

/// What a step's integers become sums with.
typedef struct step {
    const float *x_scales;
    float (*sums)[STEP_OUTPUTS];
    __m512 w_scales[2];
} step;

/// The rows `first` to `last` of tile t of a step.
INLINE void finish(const int t, const int first, const int last, const step *step, const step_dots *dots) {
    UNROLL for (int r = first; r < last; r++) {
        float *sum = step->sums[r] + t * CLQ_TILE;
        __m512i dot = _mm512_load_si512((*dots)[t][r]);
        _mm512_store_ps(sum, added(_mm512_load_ps(sum), dot, step->x_scales[r], step->w_scales[t]));
    }
}

/// Signed weights of one or two blocks. ahead: from where each block begins.
INLINE void widen(const int bits, const int tiles, const uint8_t *block, size_t tile_bytes, size_t ahead, panel *to) {
    UNROLL for (int t = 0; t < tiles; t++, block += tile_bytes) {
        UNROLL for (int n = 0; n < (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4); n += 64)
            _mm_prefetch(block + ahead + n, _MM_HINT_T1);
        _mm512_store_ps(to->scales[t], bits == 8 ? scales_8(block) : scales_4(block));
        if (bits == 4)
            widen_4(0, block, to->weights[t]);
        else
            UNROLL for (int v = 0; v < VECTORS; v++)
                _mm512_store_si512(to->weights[t] + v * 64, _mm512_xor_si512(_mm512_loadu_si512(block + 64 + v * 64),
                                                                             _mm512_set1_epi8((char)128)));
    }
}

/// Asks for half of what the tiles of 16 rows will load.
INLINE void ask(const int8_t *values) {
    UNROLL for (int n = 0; n < TILE_ROWS; n++) _mm_prefetch((const char *)values + n * 64, _MM_HINT_T0);
}

/// The sums of `tiles` tiles of outputs (1 or 2, a constant) for up to ROW_BLOCK rows. widening: whether panels are to be
/// made (a constant); panel_mask: of a group's number, which panel is its.
INLINE void block_of_rows(const int bits, const int tiles, const int widening, clq_quantised_rows x, size_t x_stride,
                          size_t rows, const uint8_t *w, size_t groups, size_t panel_mask, workplace *at) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4, tile_bytes = groups * block_bytes;
    // All rows of the last step, of which some may be beyond the last row.
    rows = (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    memset(at->sums, 0, rows * sizeof at->sums[0]);
    memset(at->dots, 0, sizeof at->dots);
    // Of no step: zeros that are added to the first rows.
    static const float zeros[TILE_ROWS];
    step late = {.x_scales = zeros, .sums = at->sums, .w_scales = {_mm512_setzero_ps(), _mm512_setzero_ps()}};
    step_dots *to = at->dots, *before = at->dots + 1;
    if (widening)
        widen(bits, tiles, w, tile_bytes, ahead_of_tiles(0, AHEAD, (size_t)tiles, tile_bytes), at->panels);
    TILE_ZERO(0);
    if (tiles == 2) TILE_ZERO(1);
    for (size_t g = 0; g < groups; g++, x = clq_rows_from(x, x_stride), w += block_bytes) {
        if (widening && g + 1 < groups)
            widen(bits, tiles, w + block_bytes, tile_bytes,
                  ahead_of_tiles((g + 1) * block_bytes, AHEAD, (size_t)tiles, tile_bytes),
                  at->panels + ((g + 1) & panel_mask));
        const panel *now = at->panels + (g & panel_mask);
        TILE_LOAD(4, now->weights[0], 64);
        if (tiles == 2) TILE_LOAD(5, now->weights[1], 64);
        TILE_LOAD(6, now->weights[0] + HALF, 64);
        if (tiles == 2) TILE_LOAD(7, now->weights[1] + HALF, 64);
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
            const int8_t *values = x.values + r * CLQ_GROUP;
            const int8_t *next = r + TILE_ROWS < rows ? values + TILE_ROWS * CLQ_GROUP : x.values + x_stride * CLQ_GROUP;
            TILE_LOAD(2, values, CLQ_GROUP);
            TILE_LOAD(3, values + 64, CLQ_GROUP);
            TILE_DOT(0, 2, 4);
            finish(0, 0, 8, &late, before);
            if (tiles == 2) TILE_DOT(1, 2, 5);
            ask(next);
            finish(0, 8, TILE_ROWS, &late, before);
            TILE_DOT(0, 3, 6);
            ask(next + TILE_ROWS * 64);
            if (tiles == 2) finish(1, 0, 8, &late, before);
            if (tiles == 2) TILE_DOT(1, 3, 7);
            TILE_STORE(0, (*to)[0], sizeof (*to)[0][0]);
            TILE_ZERO(0);
            if (tiles == 2) finish(1, 8, TILE_ROWS, &late, before);
            if (tiles == 2) TILE_STORE(1, (*to)[1], sizeof (*to)[0][0]);
            if (tiles == 2) TILE_ZERO(1);
            late = (step){.x_scales = x.scales + r,
                          .sums = at->sums + r,
                          .w_scales = {_mm512_load_ps(now->scales[0]), _mm512_load_ps(now->scales[tiles - 1])}};
            step_dots *free = before;
            before = to;
            to = free;
        }
    }
    UNROLL for (int t = 0; t < tiles; t++) finish(t, 0, TILE_ROWS, &late, before);
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

/// All rows of a block of rows with one or two tiles of outputs (a constant).
INLINE void outputs_of_rows(const int bits, const int tiles, clq_quantised_rows x, size_t x_stride, size_t rows,
                            const uint8_t *w, size_t groups, size_t outputs, float *y, size_t y_stride, int past_caches,
                            workplace *at) {
    const size_t panel_mask = rows > ROW_BLOCK && groups <= PANELS ? PANELS - 1 : 1;
    for (size_t r = 0; r < rows; r += ROW_BLOCK) {
        const size_t count = rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK;
        if (r > 0 && panel_mask > 1)
            block_of_rows(bits, tiles, 0, clq_rows_from(x, r), x_stride, count, w, groups, panel_mask, at);
        else
            block_of_rows(bits, tiles, 1, clq_rows_from(x, r), x_stride, count, w, groups, panel_mask, at);
        write_rows(tiles, at->sums, count, outputs, y + r * y_stride, y_stride, past_caches);
    }
}

/// How many rows at a time meet all outputs.
INLINE size_t rows_at_once(size_t groups) {
    const size_t blocks = CACHED / (ROW_BLOCK * CLQ_GROUP * groups);
    return (blocks > 0 ? blocks : 1) * ROW_BLOCK;
}

INLINE void linear(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                   size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4), part = rows_at_once(groups);
    const int past_caches = rows > STREAM_ROWS && ((uintptr_t)y | y_stride * sizeof *y) % 64 == 0;
    workplace at;
    // In this function, so that no compiler has a reason to move it behind a tile's use.
    TILES_BEGIN(&full_tiles);
    for (size_t r = 0; r < rows; r += part) {
        const size_t count = rows - r < part ? rows - r : part;
        for (size_t o = 0; o < outputs; o += STEP_OUTPUTS) {
            const uint8_t *from = w + o / CLQ_TILE * tile_bytes;
            float *to = y + r * y_stride + o;
            if (outputs - o <= CLQ_TILE)
                outputs_of_rows(bits, 1, clq_rows_from(x, r), x_stride, count, from, groups, outputs - o, to, y_stride,
                                past_caches, &at);
            else
                outputs_of_rows(bits, 2, clq_rows_from(x, r), x_stride, count, from, groups, outputs - o, to, y_stride,
                                past_caches, &at);
        }
    }
    TILES_END();
    // What went past the caches is seen by others only behind this.
    if (past_caches) _mm_sfence();
}

static void linear_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    if (rows < ROWS_LEAST)
        FEW_ROWS.linear_8(x, x_stride, rows, w, groups, outputs, y, y_stride);
    else
        linear(8, x, x_stride, rows, w, groups, outputs, y, y_stride);
}

static void linear_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    if (rows < ROWS_LEAST)
        FEW_ROWS.linear_4(x, x_stride, rows, w, groups, outputs, y, y_stride);
    else
        linear(4, x, x_stride, rows, w, groups, outputs, y, y_stride);
}
