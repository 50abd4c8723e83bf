// The codec's products by the tiles of AMX, written against these, so that tests can put an emulation in their place:
//   TILES_BEGIN(configuration), TILES_END(), TILE_ZERO(t), TILE_LOAD(t, address, stride), TILE_STORE(t, address, stride)
//   TILE_DOT_BF16(sums, a, b), TILE_DOT_INT8(sums, a, b)
//   HAS_STAGES   whether rows of GELU are finished in the stages of codec_stages.h
//
// Tiles 0 to 3 are the sums of 32 rows with 32 outputs, 4 and 5 the rows' next 64 bytes, 6 and 7 the weights that meet
// them, so that each is loaded for two products. Up to 16 rows meet all 64 outputs of a panel instead: 0 to 3 are their
// sums, 4 the rows, 6 the weights. A sum adds its inputs in the same order either way.
//
// Between the products other things are done: the next step is asked for, sums of int8 get their scales, and whatever
// work the caller has. Not for the time alone that they would take elsewhere: a core whose other thread is busy gets
// through tile instructions half as fast when they stand close together. That holds for loads of tiles as for products:
// so a few lines are asked for behind each of the eight of a step (AMX_ASKED), not sixteen behind every other.

#include "TileConfiguration.h"

enum { AMX_ROWS = 16, AMX_OUTPUTS = 16, AMX_SQUARE = 32 };

#define AMX_EACH_SUM(STEP) STEP(0) STEP(1) STEP(2) STEP(3)

#define ZERO(t) TILE_ZERO(t);

/// Lines that are asked for at a time: a quarter of a tile's.
enum { AMX_ASKED = 4 };

/// Asks for a quarter of a tile's rows and goes on to the next, which the tile below follows. The compiler is kept from
/// knowing the addresses: it would hold all 32 of a step ready, in memory.
static inline const char *NAMED(ask_rows)(const char *rows, size_t stride, size_t thrice) {
    __builtin_prefetch(rows, 0, 3);
    __builtin_prefetch(rows + stride, 0, 3);
    __builtin_prefetch(rows + 2 * stride, 0, 3);
    __builtin_prefetch(rows + thrice, 0, 3);
    rows += AMX_ASKED * stride;
    __asm__("" : "+r"(rows));
    return rows;
}

/// Asks for a quarter of the weights of 32 outputs, tile beside tile: number `part` of eight.
static inline void NAMED(ask_weights)(const void *weights, size_t stride, size_t part) {
    const char *tile = (const char *)weights + part / AMX_ASKED * 64;
    _Pragma("clang loop unroll(full)") for (size_t row = 0; row < AMX_ASKED; row++)
        __builtin_prefetch(tile + (part % AMX_ASKED * AMX_ASKED + row) * stride, 0, 3);
}

/// Does up to `pieces` pieces of some work.
static inline void NAMED(work)(codec_aside *aside, size_t pieces) {
    for (; pieces > 0 && aside->left > 0; pieces--) aside->piece(aside);
}

// Rows that wait to be finished, stage after stage behind the eight tiles of a step: one row a step, or two.
#if HAS_STAGES
#define STAGES(waiting) codec_stages stages = {.it = (codec_finishing *)(waiting)};
#define STAGE(has_row, scaled, number)                                                                                 \
    if (has_row) codec_stage(&stages, scaled, number);
#else
#define STAGES(waiting) (void)(waiting);
#define STAGE(has_row, scaled, number) (void)(has_row);
#endif

static void NAMED(release)(void) { TILES_END(); }

/// Gives the tiles their rows, `upper` to 0, 1 and 4, `lower` to 2, 3 and 5, and all of them to 6 and 7, where they do not have
/// them from the panel before: that takes as long as a dozen products.
static inline void NAMED(shape)(codec_between *between, size_t upper, size_t lower) {
    if (between->upper == upper && between->lower == lower) return;
    tile_configuration tiles = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        tiles.row_bytes[tile] = 64;
        tiles.rows[tile] = (uint8_t)(tile < 2 || tile == 4 ? upper : tile < 6 ? lower : AMX_ROWS);
    }
    TILES_BEGIN(&tiles);
    between->upper = upper;
    between->lower = lower;
    between->release = NAMED(release);
}

/// 32 rows with 32 outputs of a panel. `next_x` and `next_panel` are those of the next square, `pace` the pieces of other
/// work that are done in every step, unless it is `staged`.
CODEC_INLINE void NAMED(bf16_square)(
    const int staged, const uint16_t *x, size_t x_stride, const uint16_t *panel, size_t inputs, float *sums,
    const uint16_t *next_x, const uint16_t *next_panel, codec_aside *aside, size_t pace) {
    const size_t sums_stride = CODEC_PANEL * sizeof *sums, panel_stride = 2 * CODEC_PANEL * sizeof *panel;
    const size_t row_stride = x_stride * sizeof *x, thrice = 3 * row_stride;
    float *lower = sums + AMX_ROWS * CODEC_PANEL;
    AMX_EACH_SUM(ZERO)
    for (size_t i = 0; i < inputs; i += CODEC_STEP_BF16) {
        const uint16_t *rows = x + i, *weights = panel + i * CODEC_PANEL;
        int is_last = i + CODEC_STEP_BF16 >= inputs;
        const char *asked_rows = (const char *)(is_last ? next_x : rows + CODEC_STEP_BF16);
        const uint16_t *asked = is_last ? next_panel : weights + CODEC_STEP_BF16 * CODEC_PANEL;
#define ASK(part)                                                                                                      \
    asked_rows = NAMED(ask_rows)(asked_rows, row_stride, thrice);                                                      \
    NAMED(ask_weights)(asked, panel_stride, part);                                                                     \
    STAGE(has_row, 0, part)
        const int has_row = staged && aside->left > 0;
        STAGES(aside)
        TILE_LOAD(4, rows, row_stride);
        ASK(0)
        TILE_LOAD(6, weights, panel_stride);
        ASK(1)
        TILE_DOT_BF16(0, 4, 6);
        ASK(2)
        TILE_LOAD(7, weights + 2 * AMX_OUTPUTS, panel_stride);
        ASK(3)
        TILE_DOT_BF16(1, 4, 7);
        ASK(4)
        TILE_LOAD(5, rows + AMX_ROWS * x_stride, row_stride);
        ASK(5)
        TILE_DOT_BF16(2, 5, 6);
        ASK(6)
        TILE_DOT_BF16(3, 5, 7);
        ASK(7)
#undef ASK
        if (!staged) NAMED(work)(aside, pace);
    }
    TILE_STORE(0, sums, sums_stride);
    TILE_STORE(1, sums + AMX_OUTPUTS, sums_stride);
    TILE_STORE(2, lower, sums_stride);
    TILE_STORE(3, lower + AMX_OUTPUTS, sums_stride);
}

/// The pieces of other work a step should do, so that they are done before the last of the products.
static inline size_t NAMED(pace)(size_t rows, size_t steps_of_inputs, const codec_aside *aside) {
    size_t steps = (rows + AMX_SQUARE - 1) / AMX_SQUARE * (CODEC_PANEL / AMX_SQUARE) * steps_of_inputs;
    return steps == 0 ? 0 : (aside->left + steps - 1) / steps;
}

static void NAMED(bf16)(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between) {
    codec_aside *aside = between->aside;
    size_t r = 0, pace = NAMED(pace)(rows, inputs / CODEC_STEP_BF16, aside);
    const int staged = HAS_STAGES && aside->kind == CODEC_GELU_ROWS;
    for (; rows - r > AMX_ROWS; r += AMX_SQUARE) {
        size_t lower = rows - r < AMX_SQUARE ? rows - r - AMX_ROWS : AMX_ROWS;
        NAMED(shape)(between, AMX_ROWS, lower);
        const uint16_t *from = x + r * x_stride;
        for (size_t o = 0; o < CODEC_PANEL; o += AMX_SQUARE) {
            int is_last = o + AMX_SQUARE == CODEC_PANEL;
#define SQUARE(staged)                                                                                                 \
    NAMED(bf16_square)(                                                                                                \
        staged, from, x_stride, panel + 2 * o, inputs, sums + r * CODEC_PANEL + o,                                     \
        is_last ? from + AMX_SQUARE * x_stride : from, is_last ? panel : panel + 2 * (o + AMX_SQUARE), aside, pace)
            if (staged)
                SQUARE(1);
            else
                SQUARE(0);
#undef SQUARE
        }
        if (rows - r <= AMX_SQUARE) break;
    }
    if (rows - r <= AMX_ROWS) {
        float *to = sums + r * CODEC_PANEL;
        NAMED(shape)(between, rows - r, rows - r);
        AMX_EACH_SUM(ZERO)
        for (size_t i = 0; i < inputs; i += CODEC_STEP_BF16) {
            TILE_LOAD(4, x + r * x_stride + i, x_stride * sizeof *x);
#define DOT(t)                                                                                                         \
    TILE_LOAD(6, panel + i * CODEC_PANEL + t * 2 * AMX_OUTPUTS, 2 * CODEC_PANEL * sizeof *panel);                      \
    TILE_DOT_BF16(t, 4, 6);
            AMX_EACH_SUM(DOT)
#undef DOT
        }
#define STORE(t) TILE_STORE(t, to + t * AMX_OUTPUTS, CODEC_PANEL * sizeof *to);
        AMX_EACH_SUM(STORE)
#undef STORE
    }
}

/// Whole sums of a group that have not been scaled and added yet.
typedef struct NAMED(group) {
    const int32_t *parts;
    /// [AMX_SQUARE] outputs of each row, CODEC_PANEL apart.
    float *sums;
    const float *scales, *totals;
    size_t scale_stride, row, rows;
    int is_first;
} NAMED(group);

/// Adds the next rows of a group, at most `rows`.
static inline void NAMED(settle)(NAMED(group) *group, size_t rows) {
    size_t end = group->rows - group->row < rows ? group->rows : group->row + rows;
    const float *scale = group->scales + group->row * group->scale_stride;
    for (size_t row = group->row; row < end; row++, scale += group->scale_stride) {
        const codec_lanes none = {0}, unit = none + scale[0], low = none + scale[1];
        float *to = group->sums + row * CODEC_PANEL;
        CODEC_UNROLL for (int o = 0; o < AMX_SQUARE; o += LANES) {
            codec_int_lanes whole;
            codec_lanes total, sum;
            memcpy(&whole, group->parts + row * AMX_SQUARE + o, sizeof whole);
            memcpy(&total, group->totals + o, sizeof total);
            memcpy(&sum, to + o, sizeof sum);
            sum = group->is_first ? total * low : __builtin_elementwise_fma(total, low, sum);
            sum = __builtin_elementwise_fma(__builtin_convertvector(whole, codec_lanes), unit, sum);
            memcpy(to + o, &sum, sizeof sum);
        }
    }
    group->row = end;
}

/// What `bf16_square` does, of int8; its rows are half as long, and need not be asked for. The whole sums of its last group
/// are left in `group`, those that were there added. `parts` is room for two groups.
CODEC_INLINE void NAMED(int8_square)(
    const int staged, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t height,
    const int8_t *panel, const float *totals, size_t inputs, float *sums, const int8_t *next_panel, int32_t *parts,
    NAMED(group) *group, codec_aside *aside, size_t pace) {
    const size_t panel_stride = 4 * CODEC_PANEL, parts_stride = AMX_SQUARE * sizeof *parts;
    for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
        size_t number = start / CODEC_GROUP, end = start + CODEC_GROUP < inputs ? start + CODEC_GROUP : inputs;
        size_t steps = (end - start) / CODEC_STEP_INT8, settled = (AMX_SQUARE + 2 * steps - 1) / (2 * steps);
        AMX_EACH_SUM(ZERO)
        for (size_t i = start; i < end; i += CODEC_STEP_INT8) {
            const uint8_t *rows = x + i;
            const int8_t *weights = panel + i * CODEC_PANEL;
            int is_last = i + CODEC_STEP_INT8 >= inputs;
            const int8_t *asked = is_last ? next_panel : weights + CODEC_STEP_INT8 * CODEC_PANEL;
#define ASK(part)                                                                                                      \
    NAMED(ask_weights)(asked, panel_stride, part);                                                                     \
    STAGE(has_row, 1, part % 4 * 2)                                                                                    \
    STAGE(has_row, 1, part % 4 * 2 + 1)
            int has_row = staged && aside->left > 0;
            STAGES(aside)
            TILE_LOAD(4, rows, x_stride);
            ASK(0)
            TILE_LOAD(6, weights, panel_stride);
            ASK(1)
            TILE_DOT_INT8(0, 4, 6);
            ASK(2)
            NAMED(settle)(group, settled);
            TILE_LOAD(7, weights + 4 * AMX_OUTPUTS, panel_stride);
            ASK(3)
            TILE_DOT_INT8(1, 4, 7);
            has_row = staged && aside->left > 0;
            ASK(4)
            if (!staged) NAMED(work)(aside, pace);
            TILE_LOAD(5, rows + AMX_ROWS * x_stride, x_stride);
            ASK(5)
            TILE_DOT_INT8(2, 5, 6);
            ASK(6)
            NAMED(settle)(group, settled);
            TILE_DOT_INT8(3, 5, 7);
            ASK(7)
#undef ASK
            if (!staged) NAMED(work)(aside, pace);
        }
        NAMED(settle)(group, AMX_SQUARE);
        int32_t *to = group->parts == parts ? parts + AMX_SQUARE * AMX_SQUARE : parts;
        TILE_STORE(0, to, parts_stride);
        TILE_STORE(1, to + AMX_OUTPUTS, parts_stride);
        TILE_STORE(2, to + AMX_ROWS * AMX_SQUARE, parts_stride);
        TILE_STORE(3, to + AMX_ROWS * AMX_SQUARE + AMX_OUTPUTS, parts_stride);
        *group = (NAMED(group)){
            .parts = to, .sums = sums, .scales = scales + 2 * number, .totals = totals + number * CODEC_PANEL,
            .scale_stride = scale_stride, .rows = height, .is_first = start == 0};
    }
}

static void NAMED(int8)(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between) {
    codec_aside *aside = between->aside;
    int32_t parts[2 * AMX_SQUARE * AMX_SQUARE] __attribute__((aligned(64)));
    NAMED(group) group = {.parts = parts};
    const int staged = HAS_STAGES && aside->kind == CODEC_SCALED_GELU_ROWS;
    size_t r = 0, pace = (NAMED(pace)(rows, inputs / CODEC_STEP_INT8, aside) + 1) / 2;
    for (; rows - r > AMX_ROWS; r += AMX_SQUARE) {
        size_t height = rows - r < AMX_SQUARE ? rows - r : AMX_SQUARE;
        NAMED(shape)(between, AMX_ROWS, height - AMX_ROWS);
        const uint8_t *from = x + r * x_stride;
        for (size_t o = 0; o < CODEC_PANEL; o += AMX_SQUARE) {
            int is_last = o + AMX_SQUARE == CODEC_PANEL;
#define SQUARE(staged)                                                                                                 \
    NAMED(int8_square)(                                                                                                \
        staged, from, x_stride, scales + r * scale_stride, scale_stride, height, panel + 4 * o, totals + o, inputs,    \
        sums + r * CODEC_PANEL + o, is_last ? panel : panel + 4 * (o + AMX_SQUARE), parts, &group, aside, pace)
            if (staged)
                SQUARE(1);
            else
                SQUARE(0);
#undef SQUARE
        }
        if (rows - r <= AMX_SQUARE) break;
    }
    NAMED(settle)(&group, AMX_SQUARE);
    if (rows - r <= AMX_ROWS) {
        size_t height = rows - r;
        NAMED(shape)(between, height, height);
        for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
            size_t number = start / CODEC_GROUP, end = start + CODEC_GROUP < inputs ? start + CODEC_GROUP : inputs;
            AMX_EACH_SUM(ZERO)
            for (size_t i = start; i < end; i += CODEC_STEP_INT8) {
                TILE_LOAD(4, x + r * x_stride + i, x_stride);
#define DOT(t)                                                                                                         \
    TILE_LOAD(6, panel + i * CODEC_PANEL + t * 4 * AMX_OUTPUTS, 4 * CODEC_PANEL);                                      \
    TILE_DOT_INT8(t, 4, 6);
                AMX_EACH_SUM(DOT)
#undef DOT
            }
            // The outputs' halves one after the other, as the squares have them.
#define STORE(t)                                                                                                       \
    TILE_STORE(                                                                                                        \
        t, parts + t / 2 * AMX_SQUARE * AMX_SQUARE + t % 2 * AMX_OUTPUTS, AMX_SQUARE * sizeof *parts);
            AMX_EACH_SUM(STORE)
#undef STORE
            for (size_t o = 0; o < CODEC_PANEL; o += AMX_SQUARE) {
                group = (NAMED(group)){
                    .parts = parts + o * AMX_SQUARE, .sums = sums + r * CODEC_PANEL + o,
                    .scales = scales + r * scale_stride + 2 * number, .totals = totals + number * CODEC_PANEL + o,
                    .scale_stride = scale_stride, .rows = height, .is_first = start == 0};
                NAMED(settle)(&group, AMX_SQUARE);
            }
        }
    }
}
#undef ZERO
#undef STAGES
#undef STAGE
