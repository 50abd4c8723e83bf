// Attention in 16-lane vectors, for whatever instruction set the including file has switched on.
//
// The including file defines SCORE_ROWS (2 or 4), SCORE_VECTORS (2 or 4) and VALUE_SUMS, so that SCORE_ROWS *
// SCORE_VECTORS sums, or VALUE_SUMS, stay in registers; PAIR_ROWS (2 or 4) and PAIR_SUMS, as many sums of two chains each.
#define UNROLL _Pragma("clang loop unroll(full)")

#include "AttentionVersions.h"
#include "Lanes.h"

/// Asks for `bytes` bytes, `at` bytes on in a block, unless that is null.
INLINE void fetch(const void *block, size_t at, size_t bytes) {
    if (block == NULL) return;
    for (size_t end = at + bytes; at < end; at += 64) __builtin_prefetch((const char *)block + at, 0, 2);
}

#include "AttentionF32.h"
#include "AttentionBF16.h"
#include "AttentionPairs.h"

#define ATTENTION_KERNELS {.attend_f32 = attend_f32, .attend_bf16 = attend_bf16}
