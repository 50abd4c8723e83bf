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
    GATED_ROWS = 512,    // rows whose results stay in the second
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

/// What a call works in. Sums are zeros whenever a block of rows begins with them.
typedef struct workplace {
    float sums[2][ROW_BLOCK][STEP_OUTPUTS];
    step_dots dots[2];
    panel panels[PANELS];
    size_t place; // which sums the next block has, while rows leave the others
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

/// How the sums of a block of rows become results: each tile's by itself, or those of the second with those of the first.
enum { PLAIN, GATED };

/// Rows of sums on their way to where results go.
typedef struct departure {
    float (*sums)[STEP_OUTPUTS];
    size_t rows, outputs;
    float *y;
    size_t y_stride;
} departure;

/// The next row becomes results, and zeros stay behind.
INLINE void depart(const int results, departure *from, int past_caches) {
    float *sums = *from->sums++, *y = from->y;
    lanes_f32 first = load(sums), second = load(sums + CLQ_TILE);
    store(sums, all(0));
    store(sums + CLQ_TILE, all(0));
    const size_t outputs = from->outputs;
    if (results == GATED) {
        _mm512_mask_storeu_ps(y, mask_of(outputs), (__m512)(silu(first) * second));
    } else if (past_caches && outputs >= STEP_OUTPUTS) {
        _mm512_stream_ps(y, (__m512)first);
        _mm512_stream_ps(y + CLQ_TILE, (__m512)second);
    } else {
        _mm512_mask_storeu_ps(y, mask_of(outputs), (__m512)first);
        if (outputs > CLQ_TILE)
            _mm512_mask_storeu_ps(y + CLQ_TILE, mask_of(outputs - CLQ_TILE), (__m512)second);
    }
    from->y += from->y_stride;
    from->rows--;
}

INLINE void depart_all(const int results, departure *from, int past_caches) {
    while (from->rows > 0) depart(results, from, past_caches);
}

/// One or two tiles of packed weights (a constant), of one layer or of two.
typedef struct weight_tiles {
    const uint8_t *tiles[2];
    size_t groups;
    int of_two_layers;
} weight_tiles;

/// Signed weights of group g.
INLINE void widen(const int bits, const int tiles, const weight_tiles *w, size_t g, panel *to) {
    const size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4, at = g * block_bytes;
    const size_t ahead = ahead_of_tiles(at, AHEAD, w->of_two_layers ? 1 : (size_t)tiles, w->groups * block_bytes);
    UNROLL for (int t = 0; t < tiles; t++) {
        const uint8_t *block = w->tiles[t] + at;
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
/// made (a constant); panel_mask: of a group's number, which panel is its. A row of `leaving` leaves behind each step: what
/// is written past the caches takes its time, and many of it at once would be waited for.
INLINE void block_of_rows(const int bits, const int tiles, const int widening, clq_quantised_rows x, size_t x_stride,
                          size_t rows, const weight_tiles *w, size_t panel_mask, workplace *at,
                          float (*sums)[STEP_OUTPUTS], departure *leaving, int past_caches) {
    // All rows of the last step, of which some may be beyond the last row.
    rows = (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    // Of no step: whatever is there, times zeros, is added to the first rows.
    static const float zeros[TILE_ROWS];
    step late = {.x_scales = zeros, .sums = sums, .w_scales = {_mm512_setzero_ps(), _mm512_setzero_ps()}};
    step_dots *to = at->dots, *before = at->dots + 1;
    if (widening) widen(bits, tiles, w, 0, at->panels);
    TILE_ZERO(0);
    if (tiles == 2) TILE_ZERO(1);
    for (size_t g = 0; g < w->groups; g++, x = clq_rows_from(x, x_stride)) {
        if (widening && g + 1 < w->groups) widen(bits, tiles, w, g + 1, at->panels + ((g + 1) & panel_mask));
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
            if (leaving->rows > 0) depart(PLAIN, leaving, past_caches);
            late = (step){.x_scales = x.scales + r,
                          .sums = sums + r,
                          .w_scales = {_mm512_load_ps(now->scales[0]), _mm512_load_ps(now->scales[tiles - 1])}};
            step_dots *free = before;
            before = to;
            to = free;
        }
    }
    UNROLL for (int t = 0; t < tiles; t++) finish(t, 0, TILE_ROWS, &late, before);
}

/// All rows of a part with one or two tiles (a constant, as `results` is). leaving: rows of PLAIN sums that have yet to
/// leave; those of the last block do so in the next call.
INLINE void outputs_of_rows(const int bits, const int tiles, const int results, clq_quantised_rows x, size_t x_stride,
                            size_t rows, weight_tiles w, size_t outputs, float *y, size_t y_stride, workplace *at,
                            departure *leaving, int past_caches) {
    const size_t panel_mask = rows > ROW_BLOCK && w.groups <= PANELS ? PANELS - 1 : 1;
    for (size_t first = 0; first < rows; first += ROW_BLOCK) {
        const size_t count = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
        float (*sums)[STEP_OUTPUTS] = at->sums[at->place];
        if (first > 0 && panel_mask > 1)
            block_of_rows(bits, tiles, 0, clq_rows_from(x, first), x_stride, count, &w, panel_mask, at, sums, leaving,
                          past_caches);
        else
            block_of_rows(bits, tiles, 1, clq_rows_from(x, first), x_stride, count, &w, panel_mask, at, sums, leaving,
                          past_caches);
        depart_all(PLAIN, leaving, past_caches);
        // Rows beyond the last one have sums too.
        memset(sums[count], 0, (TILE_ROWS - count % TILE_ROWS) % TILE_ROWS * sizeof sums[0]);
        departure these = {
            .sums = sums, .rows = count, .outputs = outputs, .y = y + first * y_stride, .y_stride = y_stride};
        if (results == GATED) {
            depart_all(GATED, &these, 0);
        } else {
            *leaving = these;
            at->place ^= 1;
        }
    }
}

/// For so many rows in each block.
INLINE void clear(workplace *at, size_t rows) {
    rows = rows < ROW_BLOCK ? (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS : ROW_BLOCK;
    for (int b = 0; b < 2; b++) memset(at->sums[b], 0, rows * sizeof at->sums[b][0]);
    memset(at->dots, 0, sizeof at->dots);
    at->place = 0;
}

INLINE void linear(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                   size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    const int past_caches = rows > STREAM_ROWS && ((uintptr_t)y | y_stride * sizeof *y) % 64 == 0;
    workplace at;
    clear(&at, rows);
    departure leaving = {.rows = 0};
    // In this function, so that no compiler has a reason to move it behind a tile's use.
    TILES_BEGIN(&full_tiles);
    for (size_t o = 0; o < outputs; o += STEP_OUTPUTS) {
        const uint8_t *from = w + o / CLQ_TILE * tile_bytes;
        const weight_tiles these = {.tiles = {from, from + tile_bytes}, .groups = groups, .of_two_layers = 0};
        if (outputs - o <= CLQ_TILE)
            outputs_of_rows(bits, 1, PLAIN, x, x_stride, rows, these, outputs - o, y + o, y_stride, &at, &leaving,
                            past_caches);
        else
            outputs_of_rows(bits, 2, PLAIN, x, x_stride, rows, these, outputs - o, y + o, y_stride, &at, &leaving,
                            past_caches);
    }
    TILES_END();
    depart_all(PLAIN, &leaving, past_caches);
    // What went past the caches is seen by others only behind this.
    if (past_caches) _mm_sfence();
}

/// A tile of either layer at a time; what comes of them stays in the second cache until it is quantised.
INLINE void gated(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate,
                  const uint8_t *up, size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    // Blocks of rows that stay in the second cache.
    const size_t blocks = CACHED / (ROW_BLOCK * CLQ_GROUP * groups), most = (blocks > 0 ? blocks : 1) * ROW_BLOCK;
    const size_t part = most < GATED_ROWS ? most : GATED_ROWS;
    float results[GATED_ROWS][CLQ_GROUP] __attribute__((aligned(64)));
    workplace at;
    clear(&at, rows);
    departure leaving = {.rows = 0};
    TILES_BEGIN(&full_tiles);
    for (size_t r = 0; r < rows; r += part) {
        const size_t count = rows - r < part ? rows - r : part;
        for (size_t first = 0; first < outputs; first += CLQ_GROUP) {
            const size_t width = outputs - first < CLQ_GROUP ? outputs - first : CLQ_GROUP;
            for (size_t o = 0; o < width; o += CLQ_TILE) {
                const size_t from = (first + o) / CLQ_TILE * tile_bytes;
                const weight_tiles these = {.tiles = {gate + from, up + from}, .groups = groups, .of_two_layers = 1};
                outputs_of_rows(bits, 2, GATED, clq_rows_from(x, r), x_stride, count, these, width - o, results[0] + o,
                                CLQ_GROUP, &at, &leaving, 0);
            }
            clq_quantised_rows to = clq_rows_from(y, first / CLQ_GROUP * y_stride + r);
            for (size_t n = 0; n < count; n++) quantise(results[n], width, clq_rows_from(to, n), y_stride);
        }
    }
    TILES_END();
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

static void gated_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride) {
    gated(8, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}

static void gated_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride) {
    gated(4, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}
