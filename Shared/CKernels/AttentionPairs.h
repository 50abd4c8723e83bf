// The products of attention in bf16, in vectors: a load gives the even and the odd elements of 16 sums, which are added in
// two chains, as the tiles of AMX do.
//
// The including file defines PAIR_SUMS (2 or 8), so that as many sums and their chains stay in registers, and PAIR_ROWS (2
// or 4).

INLINE size_t pairs_least(size_t a, size_t b) { return a < b ? a : b; }

/// 16 pairs, apart.
INLINE void load_pairs(const uint16_t *p, lanes_f32 *even, lanes_f32 *odd) {
    lanes_u32 both;
    memcpy(&both, p, sizeof both);
    *even = (lanes_f32)(both << 16);
    *odd = (lanes_f32)(both & 0xFFFF0000);
}

/// The chains of `height` rows with 16 * `vectors` columns, both constants wherever this is inlined.
typedef struct pair_chains {
    lanes_f32 even[PAIR_SUMS], odd[PAIR_SUMS];
} pair_chains;

INLINE void pairs_begin(const int sums, pair_chains *chains) {
    UNROLL for (int s = 0; s < sums; s++) chains->even[s] = chains->odd[s] = all(0);
}

/// One more pair: `columns` has those of 16 columns every `stride` elements, `rows` those of a row every `row_stride`.
INLINE void pairs_add(const int height, const int vectors, const uint16_t *columns, size_t stride, const float *rows,
                      size_t row_stride, pair_chains *chains) {
    lanes_f32 evens[PAIR_SUMS], odds[PAIR_SUMS];
    UNROLL for (int v = 0; v < vectors; v++) load_pairs(columns + v * stride, evens + v, odds + v);
    UNROLL for (int r = 0; r < height; r++) {
        lanes_f32 even = all(rows[r * row_stride]), odd = all(rows[r * row_stride + 1]);
        UNROLL for (int v = 0; v < vectors; v++) {
            lanes_f32 *sum = chains->even + r * vectors + v, *other = chains->odd + r * vectors + v;
            *sum = fma_lanes(evens[v], even, *sum);
            *other = fma_lanes(odds[v], odd, *other);
        }
    }
}

INLINE void pairs_end(const int sums, const pair_chains *chains, lanes_f32 *to) {
    UNROLL for (int s = 0; s < sums; s++) to[s] = to[s] + (chains->even[s] + chains->odd[s]);
}

/// Scores of `height` rows from `r` on with 16 * `vectors` keys of a page. Meanwhile `ahead`, which is needed next, is on
/// its way from memory.
INLINE void pairs_score(const int height, const int vectors, bf16_rows *rows, size_t r, const uint16_t *keys,
                        float *scores, const uint16_t *ahead) {
    const size_t width = rows->width, pair_bytes = 2 * CLQ_PAGE_ROWS * sizeof *ahead;
    const float *queries = rows->queries + r * width;
    lanes_f32 sums[PAIR_SUMS];
    UNROLL for (int s = 0; s < height * vectors; s++) sums[s] = all(0);
    for (size_t start = 0; start < width; start += BF16_STEP) {
        pair_chains chains;
        pairs_begin(height * vectors, &chains);
        for (size_t i = start; i < pairs_least(start + BF16_STEP, width); i += 2) {
            fetch(ahead, i / 2 * pair_bytes, pair_bytes);
            pairs_add(height, vectors, keys + i * CLQ_PAIRS, CLQ_PAIRS * width, queries + i, width, &chains);
        }
        pairs_end(height * vectors, &chains, sums);
    }
    UNROLL for (int n = 0; n < height; n++)
        UNROLL for (int v = 0; v < vectors; v++)
            store(scores + (v * rows->count + n) * LANES, sums[n * vectors + v]);
}

/// Scores of `height` rows from `r` on with the keys that the last of them sees.
INLINE void pairs_score_rows(const int height, bf16_rows *rows, size_t r, const bf16_span *span) {
    const int fitting = PAIR_SUMS / (height == 3 ? 4 : height), vectors = fitting < 4 ? fitting : 4;
    const size_t seen = rows->seen[r + height - 1];
    for (size_t j = 0; j < seen; j += vectors * LANES) {
        size_t page = j / CLQ_PAGE_ROWS, at = j % CLQ_PAGE_ROWS;
        const uint16_t *ahead = NULL;
        if (at == 0 && r == 0) ahead = (page + 1) * CLQ_PAGE_ROWS < seen ? span->keys[page + 1] : span->values[0];
        pairs_score(height, vectors, rows, r, span->keys[page] + at * rows->width,
                    rows->scores + (j / LANES * rows->count + r) * LANES, ahead);
    }
}

enum { PAIR_COLUMNS = CLQ_HEAD_WIDTH_MAX / LANES }; // vectors of a row

/// Adds the values of a page's first `seen` keys, by the weights of `height` rows, to 16 * `vectors` columns from `d` on; to
/// `columns` of them, where these are fewer.
INLINE void pairs_weigh(const int height, const int vectors, const bf16_rows *rows, const float *weights,
                        const uint16_t *values, size_t seen, size_t d, size_t columns,
                        lanes_f32 (*totals)[PAIR_COLUMNS], const uint16_t *ahead) {
    const size_t width = rows->width, pair_bytes = 2 * width * sizeof *values;
    const int is_part = columns < (size_t)vectors * LANES;
    lanes_f32 sums[PAIR_SUMS];
    UNROLL for (int s = 0; s < height * vectors; s++) sums[s] = totals[s / vectors][d / LANES + s % vectors];
    for (size_t start = 0; start < seen; start += BF16_STEP) {
        pair_chains chains;
        pairs_begin(height * vectors, &chains);
        for (size_t j = start; j < pairs_least(start + BF16_STEP, seen); j += 2) {
            const uint16_t *line = values + j * width + 2 * d;
            uint16_t padded[2 * LANES] = {0};
            if (is_part) line = memcpy(padded, line, columns * 2 * sizeof *line);
            fetch(ahead, j / 2 * pair_bytes, pair_bytes);
            const float *pair = weights + j / LANES * rows->count * LANES + j % LANES;
            pairs_add(height, vectors, line, 2 * LANES, pair, LANES, &chains);
        }
        pairs_end(height * vectors, &chains, sums);
    }
    UNROLL for (int s = 0; s < height * vectors; s++) totals[s / vectors][d / LANES + s % vectors] = sums[s];
}

/// Gives what the values of the keys come to that the last of `height` rows from `r` on sees. A page after the other: it
/// stays in the first cache while its columns are gone through.
INLINE void pairs_weigh_rows(const int height, bf16_rows *rows, size_t r, const bf16_span *span) {
    const int vectors = PAIR_SUMS / (height == 3 ? 4 : height);
    const size_t width = rows->width, seen = rows->seen[r + height - 1];
    lanes_f32 totals[PAIR_ROWS][PAIR_COLUMNS];
    for (int n = 0; n < height; n++)
        for (size_t d = 0; d < width; d += LANES) totals[n][d / LANES] = all(0);
    for (size_t start = 0, page = 0; start < seen; start += CLQ_PAGE_ROWS, page++) {
        const float *weights = rows->scores + (start / LANES * rows->count + r) * LANES;
        const uint16_t *values = span->values[page], *ahead = NULL;
        if (r == 0) ahead = start + CLQ_PAGE_ROWS < span->count ? span->values[page + 1] : span->next;
        size_t here = pairs_least(seen - start, CLQ_PAGE_ROWS), d = 0;
        for (; d + vectors * LANES <= width; d += vectors * LANES, ahead = NULL)
            pairs_weigh(height, vectors, rows, weights, values, here, d, vectors * LANES, totals, ahead);
        for (; d < width; d += LANES, ahead = NULL)
            pairs_weigh(height, 1, rows, weights, values, here, d, pairs_least(width - d, LANES), totals, ahead);
    }
    for (int n = 0; n < height; n++)
        for (size_t d = 0; d < width; d += LANES) bf16_give(rows, span, r + n, d, totals[n][d / LANES]);
}

#define HEIGHT(height, step) case height: step(height, rows, r, span); break;
#if PAIR_ROWS > 2
#define EACH_HEIGHT(step) HEIGHT(1, step) HEIGHT(2, step) HEIGHT(3, step) HEIGHT(4, step)
#else
#define EACH_HEIGHT(step) HEIGHT(1, step) HEIGHT(2, step)
#endif

/// Does `step` for all rows, of which it takes a constant number at a time.
#define FOR_ALL_ROWS(name, step)                                                                                       \
    static void name(bf16_rows *rows, const bf16_span *span, void *work) {                                             \
        (void)work;                                                                                                    \
        for (size_t r = 0; r < rows->count; r += PAIR_ROWS)                                                            \
            switch (pairs_least(rows->count - r, PAIR_ROWS)) { EACH_HEIGHT(step) }                                     \
    }

FOR_ALL_ROWS(pairs_score_all, pairs_score_rows)
FOR_ALL_ROWS(pairs_weigh_all, pairs_weigh_rows)

INLINE void pairs_take(bf16_rows *rows, size_t row, size_t step, lanes_f32 first, lanes_f32 second, void *work) {
    (void)work;
    store(rows->scores + (2 * step * rows->count + row) * LANES, first);
    store(rows->scores + ((2 * step + 1) * rows->count + row) * LANES, second);
}

static void attend_bf16(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                        size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                        size_t y_stride) {
    bf16_rows rows;
    for (size_t start = 0; start < positions * group; start += BF16_ROWS) {
        bf16_ready(&rows, start, q, q_stride, first_position, positions, group, width, scale);
        bf16_pass(&rows, pages, k_offset, v_offset, pairs_score_all, pairs_take, pairs_weigh_all, NULL);
        bf16_finish(&rows, start, group, y, y_stride);
    }
}
