// Products of bfloat16 by widening to float32, for machines without a dot product of their own. Included once per
// instruction set, with these defined: NAMED(x) the names, WIDTH lanes of a vector, TILE_ROWS and TILE_VECTORS the sums
// that live in registers.
//
// A sum takes the second of two neighbouring inputs first, then the first, by fused multiply-add: as VDPBF16PS does.

typedef float NAMED(floats) __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t NAMED(words) __attribute__((vector_size(4 * WIDTH)));

enum { NAMED(CHUNK) = 512 };

CODEC_INLINE void NAMED(tile)(
    const int rows, const float *x, const uint16_t *panel, size_t inputs, float *sums, int is_first) {
    NAMED(floats) parts[TILE_ROWS * TILE_VECTORS];
    CODEC_UNROLL for (int r = 0; r < rows; r++) CODEC_UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
        NAMED(floats) part = {0};
        if (!is_first) memcpy(&part, sums + r * CODEC_PANEL + v * WIDTH, sizeof part);
        parts[r * TILE_VECTORS + v] = part;
    }
    for (size_t i = 0; i < inputs; i += 2) {
        NAMED(words) pairs[TILE_VECTORS];
        CODEC_UNROLL for (int v = 0; v < TILE_VECTORS; v++)
            memcpy(pairs + v, panel + i * CODEC_PANEL + v * 2 * WIDTH, sizeof *pairs);
        CODEC_UNROLL for (int second = 1; second >= 0; second--) {
            NAMED(floats) weights[TILE_VECTORS];
            CODEC_UNROLL for (int v = 0; v < TILE_VECTORS; v++)
                weights[v] = (NAMED(floats))(second ? pairs[v] & 0xFFFF0000u : pairs[v] << 16);
            CODEC_UNROLL for (int r = 0; r < rows; r++) {
                NAMED(floats) value = x[r * NAMED(CHUNK) + i + (size_t)second] - (NAMED(floats)){0};
                CODEC_UNROLL for (int v = 0; v < TILE_VECTORS; v++)
                    parts[r * TILE_VECTORS + v] =
                        __builtin_elementwise_fma(weights[v], value, parts[r * TILE_VECTORS + v]);
            }
        }
    }
    CODEC_UNROLL for (int r = 0; r < rows; r++) CODEC_UNROLL for (int v = 0; v < TILE_VECTORS; v++)
        memcpy(sums + r * CODEC_PANEL + v * WIDTH, parts + r * TILE_VECTORS + v, sizeof *parts);
}

CODEC_INLINE void NAMED(rows)(
    const int rows, const float *x, const uint16_t *panel, size_t inputs, float *sums, int is_first) {
    for (size_t o = 0; o < CODEC_PANEL; o += WIDTH * TILE_VECTORS)
        NAMED(tile)(rows, x, panel + 2 * o, inputs, sums + o, is_first);
}

static void NAMED(bf16)(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between) {
    (void)between;
    float wide[TILE_ROWS * NAMED(CHUNK)];
    for (size_t r = 0; r < rows;) {
        size_t height = codec_tile_height(rows - r, TILE_ROWS);
        for (size_t start = 0; start < inputs; start += NAMED(CHUNK)) {
            size_t count = inputs - start < NAMED(CHUNK) ? inputs - start : NAMED(CHUNK);
            for (size_t row = 0; row < height; row++)
                for (size_t i = 0; i < count; i++)
                    wide[row * NAMED(CHUNK) + i] = codec_widened(x[(r + row) * x_stride + start + i]);
            const uint16_t *weights = panel + start * CODEC_PANEL;
            float *to = sums + r * CODEC_PANEL;
            switch (height) {
            case 1: NAMED(rows)(1, wide, weights, count, to, start == 0); break;
            case 2: NAMED(rows)(2, wide, weights, count, to, start == 0); break;
            case 3: NAMED(rows)(3, wide, weights, count, to, start == 0); break;
            case 4: NAMED(rows)(4, wide, weights, count, to, start == 0); break;
#if TILE_ROWS > 4
            case 5: NAMED(rows)(5, wide, weights, count, to, start == 0); break;
            case 6: NAMED(rows)(6, wide, weights, count, to, start == 0); break;
#endif
            }
        }
        r += height;
    }
}
