// Attention in 16-lane vectors, for whatever instruction set the including file has switched on.
//
// The including file defines SCORE_ROWS (2 or 4), SCORE_VECTORS (2 or 4) and VALUE_SUMS, so that SCORE_ROWS *
// SCORE_VECTORS sums, or VALUE_SUMS, stay in registers.
#define UNROLL _Pragma("clang loop unroll(full)")

#include "AttentionVersions.h"
#include "Lanes.h"

/// Query rows that go through a page together.
enum { ATTENTION_ROWS = 64 };

/// Asks for part `part` of `parts` of a block of CLQ_PAGE_ROWS * `row_bytes` bytes, unless it is null.
INLINE void fetch(const void *block, size_t part, size_t parts, size_t row_bytes) {
    if (block == NULL) return;
    size_t bytes = CLQ_PAGE_ROWS / parts * row_bytes;
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)block + part * bytes + at, 0, 2);
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

#define ELEMENT float
#define LOAD load
#define LOAD_PART load_part_f32
#define LOAD_PAIR load_pair_f32
#define IN_ORDER in_order_f32
#define OUT_OF_ORDER out_of_order_f32
#define NAMED(name) name##_f32
#include "Attention.h"
#undef ELEMENT
#undef LOAD
#undef LOAD_PART
#undef LOAD_PAIR
#undef IN_ORDER
#undef OUT_OF_ORDER
#undef NAMED

#define ELEMENT uint16_t
#define LOAD load_bf16
#define LOAD_PART load_part_bf16
#define LOAD_PAIR load_pair_bf16
#define IN_ORDER in_order_bf16
#define OUT_OF_ORDER out_of_order_bf16
#define NAMED(name) name##_bf16
#include "Attention.h"

#define ATTENTION_KERNELS {.attend_f32 = attend_f32, .attend_bf16 = attend_bf16}
