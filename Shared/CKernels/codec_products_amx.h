// The codec's products by the tiles of AMX, written against these, so that tests can put an emulation in their place:
//   TILE_CONFIGURE(rows)   tiles 0 ... 4 get that many rows, tiles 5 ... 7 all 16; every row has 64 bytes
//   TILE_ZERO(t), TILE_LOAD(t, address, stride), TILE_STORE(t, address, stride), TILE_RELEASE()
//   TILE_DOT_BF16(sums, a, b), TILE_DOT_INT8(sums, a, b)
//
// Tiles 0 to 3 are the sums of up to 16 rows with the 64 outputs of a panel, 4 is the rows' next 64 bytes, 5 the weights
// that meet them for 16 outputs. Where there are 32 rows and more, in bf16: the sums of 32 rows with 32 outputs, 4 and 5
// the rows, 6 and 7 the weights, so that each is loaded for two products; some inputs at a time, whose weights then stay
// in the first cache for all the rows, while sums wait in memory, where nothing rounds them.

enum { AMX_ROWS = 16, AMX_OUTPUTS = 16, AMX_INPUTS = 256 };

#define AMX_EACH_SUM(STEP) STEP(0) STEP(1) STEP(2) STEP(3)

#define ZERO(t) TILE_ZERO(t);

/// Asks for what a tile will load.
static inline void NAMED(ask)(const uint16_t *from, size_t stride) {
    _Pragma("clang loop unroll(full)") for (size_t row = 0; row < 16; row++) __builtin_prefetch(from + row * stride, 0, 3);
}

/// 32 rows with 32 outputs of a panel. is_first: there are no sums yet.
static inline void NAMED(bf16_square)(
    const uint16_t *x, size_t x_stride, const uint16_t *panel, size_t inputs, float *sums, int is_first) {
    const size_t sums_stride = CODEC_PANEL * sizeof *sums, panel_stride = 2 * CODEC_PANEL * sizeof *panel;
    float *lower = sums + AMX_ROWS * CODEC_PANEL;
    if (is_first) {
        AMX_EACH_SUM(ZERO)
    } else {
        TILE_LOAD(0, sums, sums_stride);
        TILE_LOAD(1, sums + AMX_OUTPUTS, sums_stride);
        TILE_LOAD(2, lower, sums_stride);
        TILE_LOAD(3, lower + AMX_OUTPUTS, sums_stride);
    }
    // What the next step loads is asked for between the products: not for its sake alone, but because a core whose other
    // thread is busy gets through tile instructions half as fast when they stand close together.
    for (size_t i = 0; i < inputs; i += CODEC_STEP_BF16) {
        const uint16_t *rows = x + i, *weights = panel + i * CODEC_PANEL;
        TILE_LOAD(4, rows, x_stride * sizeof *x);
        TILE_LOAD(6, weights, panel_stride);
        TILE_DOT_BF16(0, 4, 6);
        NAMED(ask)(weights + CODEC_STEP_BF16 * CODEC_PANEL, 2 * CODEC_PANEL);
        TILE_LOAD(7, weights + 2 * AMX_OUTPUTS, panel_stride);
        TILE_DOT_BF16(1, 4, 7);
        NAMED(ask)(weights + CODEC_STEP_BF16 * CODEC_PANEL + 2 * AMX_OUTPUTS, 2 * CODEC_PANEL);
        TILE_LOAD(5, rows + AMX_ROWS * x_stride, x_stride * sizeof *x);
        TILE_DOT_BF16(2, 5, 6);
        NAMED(ask)(rows + CODEC_STEP_BF16, x_stride);
        TILE_DOT_BF16(3, 5, 7);
        NAMED(ask)(rows + AMX_ROWS * x_stride + CODEC_STEP_BF16, x_stride);
    }
    TILE_STORE(0, sums, sums_stride);
    TILE_STORE(1, sums + AMX_OUTPUTS, sums_stride);
    TILE_STORE(2, lower, sums_stride);
    TILE_STORE(3, lower + AMX_OUTPUTS, sums_stride);
}

static void NAMED(bf16)(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums) {
    size_t square = rows / (2 * AMX_ROWS) * 2 * AMX_ROWS;
    TILE_CONFIGURE(AMX_ROWS);
    for (size_t i = 0; i < inputs; i += AMX_INPUTS)
        for (size_t r = 0; r < square; r += 2 * AMX_ROWS)
            for (size_t o = 0; o < CODEC_PANEL; o += 2 * AMX_OUTPUTS)
                NAMED(bf16_square)(
                    x + r * x_stride + i, x_stride, panel + i * CODEC_PANEL + 2 * o,
                    inputs - i < AMX_INPUTS ? inputs - i : AMX_INPUTS, sums + r * CODEC_PANEL + o, i == 0);
    for (size_t r = square; r < rows; r += AMX_ROWS) {
        size_t height = rows - r < AMX_ROWS ? rows - r : AMX_ROWS;
        float *to = sums + r * CODEC_PANEL;
        TILE_CONFIGURE(height);
        AMX_EACH_SUM(ZERO)
        for (size_t i = 0; i < inputs; i += CODEC_STEP_BF16) {
            TILE_LOAD(4, x + r * x_stride + i, x_stride * sizeof *x);
#define DOT(t)                                                                                                         \
    TILE_LOAD(5, panel + i * CODEC_PANEL + t * 2 * AMX_OUTPUTS, 2 * CODEC_PANEL * sizeof *panel);                      \
    TILE_DOT_BF16(t, 4, 5);
            AMX_EACH_SUM(DOT)
#undef DOT
        }
#define STORE(t) TILE_STORE(t, to + t * AMX_OUTPUTS, CODEC_PANEL * sizeof *to);
        AMX_EACH_SUM(STORE)
#undef STORE
    }
    TILE_RELEASE();
}

static void NAMED(int8)(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const int32_t *offsets, size_t inputs, float *sums) {
    int32_t parts[AMX_ROWS * CODEC_PANEL];
    for (size_t r = 0; r < rows; r += AMX_ROWS) {
        size_t height = rows - r < AMX_ROWS ? rows - r : AMX_ROWS;
        TILE_CONFIGURE(height);
        for (size_t start = 0; start < inputs; start += CODEC_GROUP) {
            size_t group = start / CODEC_GROUP, end = start + CODEC_GROUP < inputs ? start + CODEC_GROUP : inputs;
            AMX_EACH_SUM(ZERO)
            for (size_t i = start; i < end; i += CODEC_STEP_INT8) {
                TILE_LOAD(4, x + r * x_stride + i, x_stride);
#define DOT(t)                                                                                                         \
    TILE_LOAD(5, panel + i * CODEC_PANEL + t * 4 * AMX_OUTPUTS, 4 * CODEC_PANEL);                                      \
    TILE_DOT_INT8(t, 4, 5);
                AMX_EACH_SUM(DOT)
#undef DOT
            }
#define STORE(t) TILE_STORE(t, parts + t * AMX_OUTPUTS, CODEC_PANEL * sizeof *parts);
            AMX_EACH_SUM(STORE)
#undef STORE
            for (size_t row = 0; row < height; row++) {
                float scale = scales[(r + row) * scale_stride + group], *to = sums + (r + row) * CODEC_PANEL;
                for (int o = 0; o < CODEC_PANEL; o++) {
                    float part = (float)(parts[row * CODEC_PANEL + (size_t)o] + offsets[group * CODEC_PANEL + (size_t)o]);
                    to[o] = start == 0 ? part * scale : __builtin_fmaf(part, scale, to[o]);
                }
            }
        }
    }
    TILE_RELEASE();
}
#undef ZERO
