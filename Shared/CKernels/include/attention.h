// Causal attention over keys and values in pages.
//
// A page holds CLQ_PAGE_ROWS rows of every head: a block of keys and a block of values for each, both in f32 or both in
// bfloat16. The promise of CKernels.h holds: a token's bits depend on its query, the keys and the values up to its own
// alone.
//
// In f32
//
//   keys    [width, CLQ_PAGE_ROWS]: element i of all keys side by side, so that a vector holds one element of 16 keys, and
//           the lanes of a sum (CKernels.h) are whole vectors that are folded without a shuffle
//   values  [CLQ_PAGE_ROWS, width]
//
// Pages follow each other by a running maximum, in ascending order:
//
//   score[j] = (sum over i, in lanes, of key[j, i] * query[i]) * scale
//   h = the largest of h before and the scores; shrink = exp(h before - h); weight[j] = exp(score[j] - h)
//   sum = fma(sum, shrink, sum of the weights in lanes); out[d] = fma over j, ascending, of weight[j] * value[j, d] onto
//   out[d] * shrink; and out[d] / sum at last, as a product with 1 / sum.
//
// In bf16 (Docs/Decisions/0016-attention-as-tiles-compute-it.md)
//
//   keys    [CLQ_PAGE_ROWS / CLQ_PAIRS, width / 2, CLQ_PAIRS, 2]: pairs of elements of 16 keys side by side
//   values  [CLQ_PAGE_ROWS / 2, width, 2]: pairs of keys
//
// The queries, times scale / ln 2, and the weights are rounded to bf16 too, so that both products are what the tiles of AMX
// compute: 32 products at a time, the even ones in a chain of fused multiply-adds from +0, the odd ones in another;
// sum += even + odd. Spans of CLQ_SPAN_PAGES pages follow each other, in ascending order:
//
//   score[j] = sum over i of key[j, i] * query[i]
//   h = the largest of h before and the scores; shrink = 2^(h before - h), 1 where h stays
//   weight[j] = 2^(score[j] - h), the last step of whose polynomial (Exponential.h) rounds to bf16; both 0 below 2^-40
//   lane[l] = fma(lane[l], shrink, sum of the weights of keys l, l + 16 ...)
//   out[d] = fma(out[d], shrink, sum over j of weight[j] * value[j, d])
//
// and out[d] / sum at last, as a product with 1 / sum, the sum being the lanes folded. What is stored is rounded to the
// nearest, ties to even, to a finite number of at least 2^-50, or 0: no product or sum is then a denormal, about which CPUs
// disagree, and a weight of 0 hides any value.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Rows of one page; elements of a head.
enum { CLQ_PAGE_ROWS = 64, CLQ_HEAD_WIDTH_MAX = 256 };

/// Of bf16: pages of a span, keys whose elements stand side by side, the bits of the least number kept and of the largest.
enum { CLQ_SPAN_PAGES = 4, CLQ_PAIRS = 16, CLQ_BF16_LEAST = 0x2680, CLQ_BF16_MOST = 0x7F7F };

/// Attention of one key/value head for `positions` consecutive tokens of one sequence, the first at `first_position`.
///
/// q, y: token n, query head g of this head's `group` at n * q_stride + g * width (n * y_stride + ...). No overlap.
/// pages: enough for the keys of all tokens; in each, the keys' block `k_offset` bytes on and the values' `v_offset`.
/// Rows of a page behind the last key may hold anything in f32; in bf16 zeros, or what has been stored for others.
/// width: at most CLQ_HEAD_WIDTH_MAX, even in bf16.
typedef void clq_attend(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                        size_t width, const void *_Nonnull const *_Nonnull pages, size_t k_offset, size_t v_offset,
                        float scale, float *y, size_t y_stride);

typedef struct clq_attention_kernels {
    clq_attend *_Nonnull attend_f32;
    clq_attend *_Nonnull attend_bf16;
} clq_attention_kernels;

/// The version for an instruction set (see clq_kernels_for), or null where this CPU lacks it.
const clq_attention_kernels *_Nullable clq_attention_kernels_for(int instruction_set);

/// The version for AMX with its tile instructions emulated, for tests; slow. Null where this CPU lacks AVX-512.
const clq_attention_kernels *_Nullable clq_attention_kernels_amx_emulated(void);

/// Where element `i` of a row's key, or value, stands in its block of bf16.
static inline size_t clq_bf16_key(size_t row, size_t i, size_t width) {
    return row / CLQ_PAIRS * CLQ_PAIRS * width + i / 2 * 2 * CLQ_PAIRS + row % CLQ_PAIRS * 2 + i % 2;
}

static inline size_t clq_bf16_value(size_t row, size_t i, size_t width) { return row / 2 * 2 * width + 2 * i + row % 2; }

/// Puts the key and the value of one token into row `row` of their blocks. Same bits on every CPU.
void clq_store_f32(const float *key, const float *value, size_t width, size_t row, void *keys, void *values);
void clq_store_bf16(const float *key, const float *value, size_t width, size_t row, void *keys, void *values);

#pragma clang assume_nonnull end
