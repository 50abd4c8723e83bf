// Attention for AVX2 with FMA: a vector of 16 lanes is two of the 16 registers, so four sums are what fits beside what
// goes into them.
#if defined(__x86_64__)
// A 64-byte vector as an argument has no fixed convention here; every function that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#include <math.h>
#include <string.h>

#include "AttentionVersions.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SCORE_ROWS 2
#define SCORE_VECTORS 2
#define VALUE_SUMS 4
#define PAIR_ROWS 2
#define PAIR_SUMS 2
#include "AttentionVector.h"
#pragma clang attribute pop

const clq_attention_kernels clq_attention_avx2 = ATTENTION_KERNELS;
#endif
