// A layer, tile by tile, for versions that compute one tile of outputs for a block of rows at a time. The including file
// defines ROW_BLOCK and block_of_rows.

INLINE void linear(const int bits, clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w,
                   size_t groups, size_t outputs, float *y, size_t y_stride) {
    const size_t tile_bytes = groups * (bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4);
    for (size_t o = 0; o < outputs; o += CLQ_TILE, w += tile_bytes)
        for (size_t r = 0; r < rows; r += ROW_BLOCK)
            block_of_rows(bits, clq_rows_from(x, r), x_stride, rows - r < ROW_BLOCK ? rows - r : ROW_BLOCK, w, groups, outputs - o,
                          y + r * y_stride + o, y_stride);
}

static void linear_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    linear(8, x, x_stride, rows, w, groups, outputs, y, y_stride);
}

static void linear_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    linear(4, x, x_stride, rows, w, groups, outputs, y, y_stride);
}
