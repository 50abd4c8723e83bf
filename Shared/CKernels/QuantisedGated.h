// Two layers, SwiGLU and rounding, for versions that compute them one behind the other, a square of rows and outputs at a
// time. The including file has linear_8, linear_4 and quantise.

enum { GATED_ROWS = 64 };

INLINE void gated(clq_quantised_linear *linear, size_t block_bytes, clq_quantised_rows x, size_t x_stride, size_t rows,
                  const uint8_t *gate, const uint8_t *up, size_t groups, size_t outputs, clq_quantised_rows y,
                  size_t y_stride) {
    float gates[GATED_ROWS][CLQ_GROUP] __attribute__((aligned(64))), ups[GATED_ROWS][CLQ_GROUP] __attribute__((aligned(64)));
    for (size_t o = 0; o < outputs; o += CLQ_GROUP) {
        const size_t width = outputs - o < CLQ_GROUP ? outputs - o : CLQ_GROUP;
        const size_t from = o / CLQ_TILE * groups * block_bytes;
        for (size_t r = 0; r < rows; r += GATED_ROWS) {
            const size_t count = rows - r < GATED_ROWS ? rows - r : GATED_ROWS;
            clq_quantised_rows part = clq_rows_from(x, r), to = clq_rows_from(y, o / CLQ_GROUP * y_stride + r);
            linear(part, x_stride, count, gate + from, groups, width, gates[0], CLQ_GROUP);
            linear(part, x_stride, count, up + from, groups, width, ups[0], CLQ_GROUP);
            for (size_t n = 0; n < count; n++) {
                gate_row(gates[n], ups[n], width);
                quantise(gates[n], width, clq_rows_from(to, n), y_stride);
            }
        }
    }
}

static void gated_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride) {
    gated(linear_8, CLQ_BLOCK_BYTES_8, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}

static void gated_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate, const uint8_t *up,
                    size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride) {
    gated(linear_4, CLQ_BLOCK_BYTES_4, x, x_stride, rows, gate, up, groups, outputs, y, y_stride);
}
