// Attention over keys and values in bf16: the way through the pages, and what becomes of scores. The products are left to
// vectors (AttentionPairs.h) or tiles (AttentionTiles.h).

enum {
    BF16_STEP = 32,                             // products that are added in two chains
    BF16_SPAN = CLQ_SPAN_PAGES * CLQ_PAGE_ROWS, // keys whose weights have one highest score
    BF16_ROWS = 32,                             // query rows that go through the pages together
};

/// Query rows on their way through the pages.
typedef struct bf16_rows {
    size_t count, width;
    size_t keys[BF16_ROWS], seen[BF16_ROWS]; // in all, and of this span; the later the row, the more
    float highest[BF16_ROWS], shrink[BF16_ROWS];
    lanes_f32 sums[BF16_ROWS];
    // [count, width]: the queries, as bf16 holds them.
    float queries[BF16_ROWS * CLQ_HEAD_WIDTH_MAX];
    // [keys / 16, count, 16]: scores, which then become weights.
    float scores[BF16_SPAN * BF16_ROWS];
    // [count, width]: what the values have come to. Not in the place of the results, whose rows often lie a multiple of
    // 4 KiB apart: a load then waits for the store of another row, as if it were to the same address.
    float values[BF16_ROWS * CLQ_HEAD_WIDTH_MAX];
} bf16_rows;

/// Pages that follow each other.
typedef struct bf16_span {
    const uint16_t *keys[CLQ_SPAN_PAGES], *values[CLQ_SPAN_PAGES];
    const uint16_t *next; // the keys of the page behind, or null
    size_t count;         // keys that the last row sees
    int is_first;
} bf16_span;

/// Scores of all rows with the keys that they see; scores with others of the span may be anything.
typedef void bf16_score(bf16_rows *rows, const bf16_span *span, void *work);
/// Takes 32 of a row's weights.
typedef void bf16_take(bf16_rows *rows, size_t row, size_t step, lanes_f32 first, lanes_f32 second, void *work);
/// Gives (`bf16_give`) what the span's values come to, by the weights of all rows.
typedef void bf16_weigh(bf16_rows *rows, const bf16_span *span, void *work);

INLINE size_t bf16_steps(size_t count) { return (count + BF16_STEP - 1) / BF16_STEP; }

/// The nearest number that bf16 holds, ties to even; 0 below the least that is used.
INLINE lanes_f32 bf16_rounded(lanes_f32 x) {
    lanes_u32 bits = (lanes_u32)x, sum = bits + 0x7FFF + (bits >> 16 & 1);
    lanes_i32 is_none = (lanes_i32)((bits & 0x7FFFFFFF) > 0x7F800000);
    lanes_u32 rounded = (lanes_u32)choose(is_none, (lanes_f32)(bits | 0x400000), (lanes_f32)sum) & 0xFFFF0000;
    return (lanes_f32)(rounded & (lanes_u32)((rounded & 0x7FFFFFFF) >= (uint32_t)CLQ_BF16_LEAST << 16));
}

/// 2 to the power of score - highest, 0 where that is less than matters; `is_weight`: as bf16 holds it. `shift`: highest +
/// WEIGHT_SHIFT.
INLINE lanes_f32 bf16_power(lanes_f32 score, lanes_f32 shift, const int is_weight) {
    lanes_f32 x = score - shift, n = x + all(WEIGHT_WHOLE), r = x - (n - all(WEIGHT_WHOLE));
    lanes_f32 p = all(WEIGHT_C4);
    p = fma_lanes(p, r, all(WEIGHT_C3));
    p = fma_lanes(p, r, all(WEIGHT_C2));
    p = fma_lanes(p, r, all(WEIGHT_C1));
    p = is_weight ? fma_lanes(p, r, all(WEIGHT_C0 + WEIGHT_ROUND)) - all(WEIGHT_ROUND) : fma_lanes(p, r, all(WEIGHT_C0));
    lanes_u32 power = (lanes_u32)p + ((lanes_u32)n << 23);
    return (lanes_f32)(power & (lanes_u32)(x >= all(WEIGHT_LOWEST)));
}

INLINE lanes_f32 bf16_larger(lanes_f32 a, lanes_f32 b) { return choose(a > b, a, b); }

INLINE float bf16_largest(lanes_f32 v) {
    v = bf16_larger(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    v = bf16_larger(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
    v = bf16_larger(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
    return v[0] > v[1] ? v[0] : v[1];
}

/// The highest score of a row so far, and what its sums are to shrink by therefore. Scores with keys that it does not see
/// become the lowest.
INLINE void bf16_highest(bf16_rows *rows, size_t row, size_t steps) {
    const size_t stride = rows->count * LANES, seen = rows->seen[row];
    float *scores = rows->scores + row * LANES;
    lanes_f32 top = all(-INFINITY), other = top;
    size_t v = 0;
    for (; v + 2 <= seen / LANES; v += 2, scores += 2 * stride) {
        top = bf16_larger(load(scores), top);
        other = bf16_larger(load(scores + stride), other);
    }
    for (; v < 2 * steps; v++, scores += stride) {
        const lanes_i32 numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        lanes_i32 is_seen = numbers + (int32_t)(v * LANES) < (int32_t)seen;
        lanes_f32 score = choose(is_seen, load(scores), all(-INFINITY));
        store(scores, score);
        top = bf16_larger(score, top);
    }
    float before = rows->highest[row], best = bf16_largest(bf16_larger(other, top));
    rows->shrink[row] = 1;
    if (best > before) {
        rows->highest[row] = best;
        rows->shrink[row] = bf16_power(all(before), all(best + WEIGHT_SHIFT), 0)[0];
    }
}

/// A row's scores become weights.
INLINE void bf16_weights(bf16_rows *rows, size_t row, size_t steps, bf16_take *take, void *work) {
    const size_t stride = rows->count * LANES;
    const float *scores = rows->scores + row * LANES;
    lanes_f32 shift = all(rows->highest[row] + WEIGHT_SHIFT), sum = all(0);
    for (size_t step = 0; step < steps; step++, scores += 2 * stride) {
        lanes_f32 first = bf16_power(load(scores), shift, 1), second = bf16_power(load(scores + stride), shift, 1);
        sum = sum + first + second;
        take(rows, row, step, first, second, work);
    }
    rows->sums[row] = fma_lanes(rows->sums[row], all(rows->shrink[row]), sum);
}

/// What this span's values come to for 16 columns of a row; those behind the width are lost.
INLINE void bf16_give(bf16_rows *rows, const bf16_span *span, size_t row, size_t d, lanes_f32 sum) {
    float *values = rows->values + row * rows->width + d;
    size_t left = rows->width - d;
    if (left >= LANES)
        store(values, span->is_first ? sum : fma_lanes(load(values), all(rows->shrink[row]), sum));
    else
        store_part(values, span->is_first ? sum : fma_lanes(load_part(values, left, 0), all(rows->shrink[row]), sum), left);
}

/// The rows' way through all pages.
INLINE void bf16_pass(bf16_rows *rows, const void *const *pages, size_t k_offset, size_t v_offset, bf16_score *score,
                      bf16_take *take, bf16_weigh *weigh, void *work) {
    const size_t end = rows->keys[rows->count - 1];
    for (size_t start = 0; start < end; start += BF16_SPAN, pages += CLQ_SPAN_PAGES) {
        bf16_span span = {.count = end - start < BF16_SPAN ? end - start : BF16_SPAN, .is_first = start == 0};
        for (size_t p = 0; p * CLQ_PAGE_ROWS < span.count; p++) {
            span.keys[p] = (const void *)((const char *)pages[p] + k_offset);
            span.values[p] = (const void *)((const char *)pages[p] + v_offset);
        }
        if (end - start > BF16_SPAN) span.next = (const void *)((const char *)pages[CLQ_SPAN_PAGES] + k_offset);
        for (size_t r = 0; r < rows->count; r++) {
            size_t seen = rows->keys[r] <= start ? 0 : rows->keys[r] - start;
            rows->seen[r] = seen < span.count ? seen : span.count;
        }
        score(rows, &span, work);
        // A row after the other, but not all of a row at once: the highest score waits for itself.
        size_t steps = bf16_steps(span.count);
        for (size_t r = 0; r < rows->count; r++) bf16_highest(rows, r, steps);
        for (size_t r = 0; r < rows->count; r++) bf16_weights(rows, r, steps, take, work);
        weigh(rows, &span, work);
    }
}

/// Query row `start` of a call and those behind it, up to BF16_ROWS.
INLINE void bf16_ready(bf16_rows *rows, size_t start, const float *q, size_t q_stride, size_t first_position,
                       size_t positions, size_t group, size_t width, float scale) {
    lanes_f32 factor = all(scale * WEIGHT_LOG2_E);
    rows->width = width;
    rows->count = positions * group - start < BF16_ROWS ? positions * group - start : BF16_ROWS;
    for (size_t r = 0; r < rows->count; r++) {
        size_t position = (start + r) / group, head = (start + r) % group, i = 0;
        const float *query = q + position * q_stride + head * width;
        float *to = rows->queries + r * width;
        for (; i + LANES <= width; i += LANES) store(to + i, bf16_rounded(load(query + i) * factor));
        if (i < width) store_part(to + i, bf16_rounded(load_part(query + i, width - i, 0) * factor), width - i);
        rows->keys[r] = first_position + position + 1;
        rows->highest[r] = -INFINITY;
        rows->sums[r] = all(0);
    }
}

/// The rows' results.
INLINE void bf16_finish(const bf16_rows *rows, size_t start, size_t group, float *y, size_t y_stride) {
    const size_t width = rows->width;
    for (size_t r = 0; r < rows->count; r++) {
        size_t position = (start + r) / group, head = (start + r) % group, d = 0;
        const float *values = rows->values + r * width;
        float *to = y + position * y_stride + head * width;
        lanes_f32 inverse = all(1.0f / folded(rows->sums[r]));
        for (; d + LANES <= width; d += LANES) store(to + d, load(values + d) * inverse);
        if (d < width) store_part(to + d, load_part(values + d, width - d, 0) * inverse, width - d);
    }
}
