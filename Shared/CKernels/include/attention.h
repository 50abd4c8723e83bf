// Causal attention over keys and values in pages.
//
// A page holds CLQ_PAGE_ROWS rows of every head: a block of keys and a block of values for each. Both are f32, or both
// bfloat16, rounded to the nearest (ties to even) when they are stored and widened exactly when they are read.
//
//   keys    [width, CLQ_PAGE_ROWS]: element i of all keys side by side, so that a vector holds one element of 16 keys, and
//           the lanes of a sum (CKernels.h) are whole vectors that are folded without a shuffle
//   values  [CLQ_PAGE_ROWS, width]
//
// The promise of CKernels.h holds: a token's bits depend on its query, the keys and the values up to its own alone. Pages
// follow each other by a running maximum, in ascending order:
//
//   score[j] = (sum over i, in lanes, of key[j, i] * query[i]) * scale
//   h = the largest of h before and the scores; shrink = exp(h before - h); weight[j] = exp(score[j] - h)
//   sum = fma(sum, shrink, sum of the weights in lanes); out[d] = fma over j, ascending, of weight[j] * value[j, d] onto
//   out[d] * shrink; and out[d] / sum at last, as a product with 1 / sum.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Rows of one page; elements of a head.
enum { CLQ_PAGE_ROWS = 64, CLQ_HEAD_WIDTH_MAX = 256 };

/// Attention of one key/value head for `positions` consecutive tokens of one sequence, the first at `first_position`.
///
/// q, y: token n, query head g of this head's `group` at n * q_stride + g * width (n * y_stride + ...). No overlap.
/// pages: enough for the keys of all tokens; in each, the keys' block `k_offset` bytes on and the values' `v_offset`.
/// Rows of a page behind the last key may hold anything. width: at most CLQ_HEAD_WIDTH_MAX.
typedef void clq_attend(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                        size_t width, const void *_Nonnull const *_Nonnull pages, size_t k_offset, size_t v_offset,
                        float scale, float *y, size_t y_stride);

typedef struct clq_attention_kernels {
    clq_attend *_Nonnull attend_f32;
    clq_attend *_Nonnull attend_bf16;
} clq_attention_kernels;

/// The version for an instruction set (see clq_kernels_for), or null where this CPU lacks it.
const clq_attention_kernels *_Nullable clq_attention_kernels_for(int instruction_set);

/// Puts the key and the value of one token into row `row` of their blocks. Same bits on every CPU.
void clq_store_f32(const float *key, const float *value, size_t width, size_t row, void *keys, void *values);
void clq_store_bf16(const float *key, const float *value, size_t width, size_t row, void *keys, void *values);

#pragma clang assume_nonnull end
