// A linear layer for one type of weights. Vector.h includes this once per type, with these defined:
// WEIGHT the type, LOAD and LOAD_PART how 16 and fewer of them become lanes, NAMED(x) the names of the functions.

/// `rows` x `outputs` sums at once. Both are constants wherever this is inlined, so that the sums live in registers.
///
/// In the last, partial step the missing weights are +0 and the missing inputs -0: adding their product, -0, changes no
/// sum, not even the sign of a zero.
INLINE void NAMED(tile)(const int rows, const int outputs, const float *x, size_t x_stride, const WEIGHT *w,
                        size_t inputs, float *y, size_t y_stride) {
    lanes_f32 sums[TILE_ROWS * TILE_OUTPUTS];
    UNROLL for (int s = 0; s < rows * outputs; s++) sums[s] = all(0);
    size_t i = 0;
    for (; i + LANES <= inputs; i += LANES) {
        lanes_f32 weights[TILE_OUTPUTS];
        UNROLL for (int o = 0; o < outputs; o++) weights[o] = LOAD(w + (size_t)o * inputs + i);
        UNROLL for (int r = 0; r < rows; r++) {
            lanes_f32 values = load(x + (size_t)r * x_stride + i);
            UNROLL for (int o = 0; o < outputs; o++)
                sums[r * outputs + o] = fma_lanes(weights[o], values, sums[r * outputs + o]);
        }
    }
    if (i < inputs) {
        UNROLL for (int r = 0; r < rows; r++) {
            lanes_f32 values = load_part(x + (size_t)r * x_stride + i, inputs - i, -0.0f);
            UNROLL for (int o = 0; o < outputs; o++) {
                lanes_f32 weights = LOAD_PART(w + (size_t)o * inputs + i, inputs - i);
                sums[r * outputs + o] = fma_lanes(weights, values, sums[r * outputs + o]);
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int o = 0; o < outputs; o++) y[(size_t)r * y_stride + o] = folded(sums[r * outputs + o]);
}

/// All rows for one group of outputs, whose weights stay in the cache, in tiles as even in height as TILE_ROWS allows.
INLINE void NAMED(group)(const int outputs, const float *x, size_t x_stride, size_t rows, const WEIGHT *w,
                         size_t inputs, float *y, size_t y_stride) {
    for (size_t r = 0; r < rows;) {
        size_t tiles = (rows - r + TILE_ROWS - 1) / TILE_ROWS;
        size_t height = (rows - r + tiles - 1) / tiles;
        const float *from = x + r * x_stride;
        float *to = y + r * y_stride;
        switch (height) {
        case 1: NAMED(tile)(1, outputs, from, x_stride, w, inputs, to, y_stride); break;
        case 2: NAMED(tile)(2, outputs, from, x_stride, w, inputs, to, y_stride); break;
        case 3: NAMED(tile)(3, outputs, from, x_stride, w, inputs, to, y_stride); break;
#if TILE_ROWS > 3
        case 4: NAMED(tile)(4, outputs, from, x_stride, w, inputs, to, y_stride); break;
        case 5: NAMED(tile)(5, outputs, from, x_stride, w, inputs, to, y_stride); break;
        case 6: NAMED(tile)(6, outputs, from, x_stride, w, inputs, to, y_stride); break;
#endif
        }
        r += height;
    }
}

static void NAMED(linear)(const float *x, size_t x_stride, size_t rows, const WEIGHT *w, size_t inputs, size_t outputs,
                          float *y, size_t y_stride) {
    size_t o = 0;
    // One row is bound by memory, and memory gives one stream more than four: 22 against 16 GB/s where this was tried.
    if (rows > 1)
        for (; o + TILE_OUTPUTS <= outputs; o += TILE_OUTPUTS)
            NAMED(group)(TILE_OUTPUTS, x, x_stride, rows, w + o * inputs, inputs, y + o, y_stride);
    for (; o < outputs; o++) NAMED(group)(1, x, x_stride, rows, w + o * inputs, inputs, y + o, y_stride);
}
