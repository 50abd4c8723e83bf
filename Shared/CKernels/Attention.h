// Attention for one type of keys and values. AttentionVector.h includes this once per type, with these defined: ELEMENT
// the type, LOAD and LOAD_PART how 16 and fewer of them become lanes, LOAD_PAIR how 32 do, which IN_ORDER puts in order and
// OUT_OF_ORDER back, NAMED(x) the names of the functions.

/// 16 * `vectors` elements (a constant, even or 1).
INLINE void NAMED(take_elements)(const int vectors, const ELEMENT *from, lanes_f32 *elements) {
    if (vectors == 1) elements[0] = LOAD(from);
    UNROLL for (int v = 0; v + 1 < vectors; v += 2) {
        lanes_pair pair = LOAD_PAIR(from + v * LANES);
        elements[v] = pair.one;
        elements[v + 1] = pair.other;
    }
}

/// Sums of such elements, in order.
INLINE void NAMED(give_sums)(const int vectors, const lanes_f32 *sums, float *out) {
    if (vectors == 1) store(out, sums[0]);
    UNROLL for (int v = 0; v + 1 < vectors; v += 2) {
        lanes_pair pair = IN_ORDER(((lanes_pair){sums[v], sums[v + 1]}));
        store(out + v * LANES, pair.one);
        store(out + (v + 1) * LANES, pair.other);
    }
}

/// Raw scores of `rows` query rows against 16 * `vectors` keys of a page, from key `first` on. Both are constants wherever
/// this is inlined; `vectors` is even.
///
/// A lane of the sum is a vector of 16 keys' sums. The lanes are visited so that each meets its partner of the fold as
/// early as may be: then four sums wait at most. Meanwhile `ahead`, which is needed next, is on its way from memory.
INLINE void NAMED(score)(const int rows, const int vectors, const float *const *q, const ELEMENT *keys, size_t width,
                         size_t first, float *scores, const ELEMENT *ahead) {
    lanes_f32 waiting[5][SCORE_ROWS * SCORE_VECTORS];
    for (unsigned turn = 0; turn < LANES; turn++) {
        size_t lane = (turn & 1) << 3 | (turn & 2) << 1 | (turn & 4) >> 1 | (turn & 8) >> 3;
        lanes_f32 sums[SCORE_ROWS * SCORE_VECTORS];
        UNROLL for (int s = 0; s < rows * vectors; s++) sums[s] = all(0);
        fetch(ahead, turn, LANES, width * sizeof *ahead);
        for (size_t i = lane; i < width; i += LANES) {
            lanes_f32 elements[SCORE_VECTORS];
            NAMED(take_elements)(vectors, keys + i * CLQ_PAGE_ROWS + first, elements);
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
        NAMED(give_sums)(vectors, waiting[4] + r * vectors, scores + r * CLQ_PAGE_ROWS + first);
}

/// The sums of 16 * `vectors` columns of a row (a constant, even or 1), as the values meet them.
INLINE void NAMED(take_sums)(const int vectors, const float *out, float shrink, lanes_f32 *sums) {
    if (vectors == 1) sums[0] = load(out) * all(shrink);
    UNROLL for (int v = 0; v + 1 < vectors; v += 2) {
        lanes_pair pair = OUT_OF_ORDER(((lanes_pair){load(out + v * LANES), load(out + (v + 1) * LANES)}));
        sums[v] = pair.one * all(shrink);
        sums[v + 1] = pair.other * all(shrink);
    }
}

/// out[r, d] = out[r, d] * shrink[r] + weights[r, j] * values[j, d] for j = from ..< to, in this order, for `rows` rows and
/// 16 * `vectors` columns (even, or 1) from `d` on.
INLINE void NAMED(weigh)(const int rows, const int vectors, const float *weights, const float *shrink,
                         const ELEMENT *values, size_t from, size_t to, size_t width, size_t d, float *const *out,
                         const ELEMENT *ahead) {
    lanes_f32 sums[VALUE_SUMS];
    UNROLL for (int r = 0; r < rows; r++) NAMED(take_sums)(vectors, out[r] + d, shrink[r], sums + r * vectors);
    for (size_t j = from; j < to; j++) {
        fetch(ahead, j, CLQ_PAGE_ROWS, width * sizeof *ahead);
        lanes_f32 elements[VALUE_SUMS];
        NAMED(take_elements)(vectors, values + j * width + d, elements);
        UNROLL for (int r = 0; r < rows; r++) {
            lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
            UNROLL for (int v = 0; v < vectors; v++)
                sums[r * vectors + v] = fma_lanes(weight, elements[v], sums[r * vectors + v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) NAMED(give_sums)(vectors, sums + r * vectors, out[r] + d);
}

/// The same for the last columns, fewer than 16.
INLINE void NAMED(weigh_rest)(int rows, const float *weights, const float *shrink, const ELEMENT *values, size_t from,
                              size_t to, size_t width, size_t d, float *const *out) {
    for (int r = 0; r < rows; r++) {
        lanes_f32 sum = load_part(out[r] + d, width - d, 0) * all(shrink[r]);
        for (size_t j = from; j < to; j++) {
            lanes_f32 weight = all(weights[(size_t)r * CLQ_PAGE_ROWS + j]);
            sum = fma_lanes(weight, LOAD_PART(values + j * width + d, width - d), sum);
        }
        store_part(out[r] + d, sum, width - d);
    }
}

INLINE void NAMED(weigh_all)(const int rows, const float *weights, const float *shrink, const ELEMENT *values,
                             size_t from, size_t to, size_t width, float *const *out, const ELEMENT *ahead) {
    const int fitting = VALUE_SUMS / (rows == 3 ? 4 : rows), vectors = fitting < 8 ? fitting : 8;
    size_t d = 0;
    for (; d + vectors * LANES <= width; d += vectors * LANES)
        NAMED(weigh)(rows, vectors, weights, shrink, values, from, to, width, d, out, d == 0 ? ahead : NULL);
    for (; d + LANES <= width; d += LANES)
        NAMED(weigh)(rows, 1, weights, shrink, values, from, to, width, d, out, NULL);
    if (d < width) NAMED(weigh_rest)(rows, weights, shrink, values, from, to, width, d, out);
}

/// One page for `rows` query rows, a constant; row r sees the first `seen[r]` of its keys, of which there are the more the
/// later the row. `ahead`: the next page's keys, or null.
INLINE void NAMED(page)(const int rows, const float *const *q, const ELEMENT *keys, const ELEMENT *values,
                        const size_t *seen, size_t width, float scale, float *highest, float *sums, float *const *out,
                        const ELEMENT *ahead) {
    float weights[SCORE_ROWS * CLQ_PAGE_ROWS] __attribute__((aligned(64)));
    float shrink[SCORE_ROWS];
    for (size_t first = 0; first < CLQ_PAGE_ROWS; first += SCORE_VECTORS * LANES)
        NAMED(score)(rows, SCORE_VECTORS, q, keys, width, first, weights, first == 0 ? values : NULL);
    for (int r = 0; r < rows; r++)
        shrink[r] = seen[r] == 0 ? 1 : softmax(weights + r * CLQ_PAGE_ROWS, seen[r], scale, highest + r, sums + r);
    NAMED(weigh_all)(rows, weights, shrink, values, 0, seen[0], width, out, ahead);
    static const float unchanged[1] = {1};
    for (int r = 1; r < rows; r++)
        if (seen[r] > seen[0])
            NAMED(weigh_all)(1, weights + r * CLQ_PAGE_ROWS, unchanged, values, seen[0], seen[r], width, out + r, NULL);
}

/// Up to ATTENTION_ROWS query rows, a page after the other: so that a page is read once for all of them.
static void NAMED(attend_rows)(size_t rows, const float *const *q, const size_t *keys, size_t width,
                               const void *const *pages, size_t k_offset, size_t v_offset, float scale,
                               float *const *out) {
    float highest[ATTENTION_ROWS], sums[ATTENTION_ROWS];
    for (size_t r = 0; r < rows; r++) {
        highest[r] = -INFINITY;
        sums[r] = 0;
        for (size_t d = 0; d < width; d++) out[r][d] = 0;
    }
    for (size_t start = 0, page = 0; start < keys[rows - 1]; start += CLQ_PAGE_ROWS, page++) {
        const ELEMENT *k = (const void *)((const char *)pages[page] + k_offset);
        const ELEMENT *v = (const void *)((const char *)pages[page] + v_offset);
        const ELEMENT *ahead = NULL;
        if (start + CLQ_PAGE_ROWS < keys[rows - 1]) ahead = (const void *)((const char *)pages[page + 1] + k_offset);
        for (size_t r = 0; r < rows;) {
            size_t seen[SCORE_ROWS], height = rows - r < SCORE_ROWS ? rows - r : SCORE_ROWS;
            for (size_t i = 0; i < height; i++) {
                size_t left = keys[r + i] <= start ? 0 : keys[r + i] - start;
                seen[i] = left < CLQ_PAGE_ROWS ? left : CLQ_PAGE_ROWS;
            }
            if (seen[height - 1] > 0) switch (height) {
                case 1: NAMED(page)(1, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
                case 2: NAMED(page)(2, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
#if SCORE_ROWS > 2
                case 3: NAMED(page)(3, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
                case 4: NAMED(page)(4, q + r, k, v, seen, width, scale, highest + r, sums + r, out + r, ahead); break;
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

static void NAMED(attend)(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
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
        NAMED(attend_rows)(rows, queries, keys, width, pages, k_offset, v_offset, scale, out);
    }
}
