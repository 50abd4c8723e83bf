// Two layers and SwiGLU, for versions that compute them one behind the other, a square of rows and outputs at a time. The
// including file has linear_8 and linear_4.

enum { GATED_ROWS = 64, GATED_OUTPUTS = 4 * CLQ_TILE };

INLINE void gated(clq_quantised_linear *linear, size_t block_bytes, clq_quantised_rows x, size_t x_stride, size_t rows,
                  const uint8_t *gate, const uint8_t *up, size_t groups, size_t outputs, float *y, size_t y_stride) {
    float ups[GATED_ROWS][GATED_OUTPUTS] __attribute__((aligned(64)));
    for (size_t o = 0; o < outputs; o += GATED_OUTPUTS) {
        const size_t width = outputs - o < GATED_OUTPUTS ? outputs - o : GATED_OUTPUTS;
        const size_t from = o / CLQ_TILE * groups * block_bytes;
        for (size_t r = 0; r < rows; r += GATED_ROWS) {
            const size_t count = rows - r < GATED_ROWS ? rows - r : GATED_ROWS;
            clq_quantised_rows part = clq_rows_from(x, r);
            float *to = y + r * y_stride + o;
            linear(part, x_stride, count, gate + from, groups, width, to, y_stride);
            linear(part, x_stride, count, up + from, groups, width, ups[0], GATED_OUTPUTS);
            for (size_t n = 0; n < count; n++) gate_row(to + n * y_stride, ups[n], width);
        }
    }
}

static void gated_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, float *y, size_t y_stride) {
    gated(linear_8, CLQ_BLOCK_BYTES_8, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}

static void gated_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, float *y, size_t y_stride) {
    gated(linear_4, CLQ_BLOCK_BYTES_4, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}
