// Attention for arm64: a vector of 16 lanes is four of the 32 registers; four sums take 16 of them.
#if defined(__aarch64__)
#include <math.h>
#include <string.h>

#include "AttentionVersions.h"

#define SCORE_ROWS 2
#define SCORE_VECTORS 2
#define VALUE_SUMS 4
#define PAIR_ROWS 2
#define PAIR_SUMS 2
#include "AttentionVector.h"

const clq_attention_kernels clq_attention_neon = ATTENTION_KERNELS;
#endif
