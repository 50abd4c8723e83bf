// Attention over keys and values in f32, in vectors: AttentionVector.h includes this.

/// Query rows that go through a page together.
enum { ATTENTION_ROWS = 64 };

/// Raw scores of `rows` query rows against 16 * `vectors` keys of a page, from key `first` on. Both are constants wherever
/// this is inlined.
///
/// A lane of the sum is a vector of 16 keys' sums. The lanes are visited so that each meets its partner of the fold as
/// early as may be: then four sums wait at most. Meanwhile `ahead`, which is needed next, is on its way from memory.
INLINE void score(const int rows, const int vectors, const float *const *q, const float *keys, size_t width,
                  size_t first, float *scores, const float *ahead) {
    const size_t part = CLQ_PAGE_ROWS * width * sizeof *ahead / LANES;
    lanes_f32 waiting[5][SCORE_ROWS * SCORE_VECTORS];
    for (unsigned turn = 0; turn < LANES; turn++) {
        size_t lane = (turn & 1) << 3 | (turn & 2) << 1 | (turn & 4) >> 1 | (turn & 8) >> 3;
        lanes_f32 sums[SCORE_ROWS * SCORE_VECTORS];
        UNROLL for (int s = 0; s < rows * vectors; s++) sums[s] = all(0);
        fetch(ahead, turn * part, part);
        for (size_t i = lane; i < width; i += LANES) {
            lanes_f32 elements[SCORE_VECTORS];
            const float *column = keys + i * CLQ_PAGE_ROWS + first;
            UNROLL for (int v = 0; v < vectors; v++) elements[v] = load(column + v * LANES);
            UNROLL for (int r = 0; r < rows; r++) {
                lanes_f32 factor = all(q[r][i]);
                UNROLL for (int v = 0; v < vectors; v++)
                    sums[r * vectors + v] = fma_lanes(elements[v], factor, sums[r * vectors + v]);
            }
        }
        unsigned level = 0;
        for (; turn >> level & 1; level++)
            UNROLL for (int s = 0; s < rows * vectors; s++) sums[s] = waiting[level][s] + sums[s];
        UNROLL for (int s = 0; s < rows * vectors; s++) waiting[level][s] = sums[s];
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            store(scores + r * CLQ_PAGE_ROWS + first + v * LANES, waiting[4][r * vectors + v]);
}

/// out[r, d] = out[r, d] * shrink[r] + weights[r, j] * values[j, d] for j = from ..< to, in this order, for `rows` rows and
/// 16 * `vectors` columns from `d` on.
INLINE void weigh(const int rows, const int vectors, const float *weights, const float *shrink,
                  const float *values, size_t from, size_t to, size_t width, size_t d, float *const *out,
                  const float *ahead) {
    lanes_f32 sums[VALUE_SUMS];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) sums[r * vectors + v] = load(out[r] + d + v * LANES) * all(shrink[r]);
    for (size_t j = from; j < to; j++) {
        fetch(ahead, j * width * sizeof *ahead, width * sizeof *ahead);
        lanes_f32 elements[VALUE_SUMS];
        UNROLL for (int v = 0; v < vectors; v++) elements[v] = load(values + j * width + d + v * LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
            UNROLL for (int v = 0; v < vectors; v++)
                sums[r * vectors + v] = fma_lanes(weight, elements[v], sums[r * vectors + v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) store(out[r] + d + v * LANES, sums[r * vectors + v]);
}

/// The same for the last columns, fewer than 16.
INLINE void weigh_rest(int rows, const float *weights, const float *shrink, const float *values, size_t from,
                       size_t to, size_t width, size_t d, float *const *out) {
    for (int r = 0; r < rows; r++) {
        lanes_f32 sum = load_part(out[r] + d, width - d, 0) * all(shrink[r]);
        for (size_t j = from; j < to; j++) {
            lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
            sum = fma_lanes(weight, load_part(values + j * width + d, width - d, 0), sum);
        }
        store_part(out[r] + d, sum, width - d);
    }
}

INLINE void weigh_all(const int rows, const float *weights, const float *shrink, const float *values,
                      size_t from, size_t to, size_t width, float *const *out, const float *ahead) {
    const int fitting = VALUE_SUMS / (rows == 3 ? 4 : rows), vectors = fitting < 8 ? fitting : 8;
    size_t d = 0;
    for (; d + vectors * LANES <= width; d += vectors * LANES)
        weigh(rows, vectors, weights, shrink, values, from, to, width, d, out, d == 0 ? ahead : NULL);
    for (; d + LANES <= width; d += LANES)
        weigh(rows, 1, weights, shrink, values, from, to, width, d, out, NULL);
    if (d < width) weigh_rest(rows, weights, shrink, values, from, to, width, d, out);
}

/// Raw scores of a page's `seen` first keys become weights, those of the others 0; returns what the sums so far are to
/// shrink by.
static float softmax(float *scores, size_t seen, float scale, float *highest, float *sum) {
    enum { VECTORS = CLQ_PAGE_ROWS / LANES };
    lanes_i32 is_seen[VECTORS];
    lanes_f32 top = all(*highest), total = all(0);
    UNROLL for (int v = 0; v < VECTORS; v++) {
        is_seen[v] = (lanes_i32){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} < (int32_t)seen - v * LANES;
        lanes_f32 scaled = load(scores + v * LANES) * all(scale);
        store(scores + v * LANES, scaled);
        top = choose(is_seen[v] & (scaled > top), scaled, top);
    }
    float before = *highest, best = top[0];
    for (int l = 1; l < LANES; l++) best = top[l] > best ? top[l] : best;
    *highest = best;
    UNROLL for (int v = 0; v < VECTORS; v++) {
        lanes_f32 weight = choose(is_seen[v], exponential(load(scores + v * LANES) - all(best)), all(0));
        store(scores + v * LANES, weight);
        total = total + weight;
    }
    float shrink = exponential(all(before - best))[0];
    *sum = __builtin_fmaf(*sum, shrink, folded(total));
    return shrink;
}

/// One page for `rows` query rows, a constant; row r sees the first `seen[r]` of its keys, of which there are the more the
/// later the row. `ahead`: the next page's keys, or null.
INLINE void attend_page(const int rows, const float *const *q, const float *keys, const float *values,
                 const size_t *seen, size_t width, float scale, float *highest, float *sums, float *const *out,
                 const float *ahead) {
    float weights[SCORE_ROWS * CLQ_PAGE_ROWS] __attribute__((aligned(64)));
    float shrink[SCORE_ROWS];
    for (size_t first = 0; first < CLQ_PAGE_ROWS; first += SCORE_VECTORS * LANES)
        score(rows, SCORE_VECTORS, q, keys, width, first, weights, first == 0 ? values : NULL);
    for (int r = 0; r < rows; r++)
        shrink[r] = seen[r] == 0 ? 1 : softmax(weights + r * CLQ_PAGE_ROWS, seen[r], scale, highest + r, sums + r);
    weigh_all(rows, weights, shrink, values, 0, seen[0], width, out, ahead);
    static const float unchanged[1] = {1};
    for (int r = 1; r < rows; r++)
        if (seen[r] > seen[0])
            weigh_all(1, weights + r * CLQ_PAGE_ROWS, unchanged, values, seen[0], seen[r], width, out + r, NULL);
}

/// Up to ATTENTION_ROWS query rows, a page after the other: so that a page is read once for all of them.
static void attend_rows(size_t rows, const float *const *q, const size_t *keys, size_t width,
                        const void *const *pages, size_t k_offset, size_t v_offset, float scale,
                        float *const *out) {
    float highest[ATTENTION_ROWS], sums[ATTENTION_ROWS];
    for (size_t r = 0; r < rows; r++) {
        highest[r] = -INFINITY;
        sums[r] = 0;
        for (size_t d = 0; d < width; d++) out[r][d] = 0;
    }
    for (size_t start = 0, page = 0; start < keys[rows - 1]; start += CLQ_PAGE_ROWS, page++) {
        const float *k = (const void *)((const char *)pages[page] + k_offset);
        const float *v = (const void *)((const char *)pages[page] + v_offset);
        const float *ahead = NULL;
        if (start + CLQ_PAGE_ROWS < keys[rows - 1]) ahead = (const void *)((const char *)pages[page + 1] + k_offset);
        for (size_t r = 0; r < rows;) {
            size_t seen[SCORE_ROWS], height = rows - r < SCORE_ROWS ? rows - r : SCORE_ROWS;
            for (size_t i = 0; i < height; i++) {
                size_t left = keys[r + i] <= start ? 0 : keys[r + i] - start;
                seen[i] = left < CLQ_PAGE_ROWS ? left : CLQ_PAGE_ROWS;
            }
            if (seen[height - 1] > 0) switch (height) {
                case 1: attend_page(1, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
                case 2: attend_page(2, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
#if SCORE_ROWS > 2
                case 3: attend_page(3, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
                case 4: attend_page(4, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
#endif
                }
            r += height;
        }
    }
    for (size_t r = 0; r < rows; r++) {
        float inverse = 1.0f / sums[r];
        for (size_t d = 0; d < width; d++) out[r][d] = out[r][d] * inverse;
    }
}

static void attend_f32(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                       size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale,
                       float *y, size_t y_stride) {
    for (size_t start = 0; start < positions * group; start += ATTENTION_ROWS) {
        const float *queries[ATTENTION_ROWS];
        float *out[ATTENTION_ROWS];
        size_t keys[ATTENTION_ROWS], rows = 0;
        for (; rows < ATTENTION_ROWS && start + rows < positions * group; rows++) {
            size_t position = (start + rows) / group, head = (start + rows) % group;
            queries[rows] = q + position * q_stride + head * width;
            out[rows] = y + position * y_stride + head * width;
            keys[rows] = first_position + position + 1;
        }
        attend_rows(rows, queries, keys, width, pages, k_offset, v_offset, scale, out);
    }
}
