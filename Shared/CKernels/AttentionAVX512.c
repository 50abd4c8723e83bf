// Attention for AVX-512: 16 sums of the 32 registers.
#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#include "AttentionVersions.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#define SCORE_ROWS 4
#define SCORE_VECTORS 4
#define VALUE_SUMS 16
#include "AttentionVector.h"
#pragma clang attribute pop

const clq_attention_kernels clq_attention_avx512 = ATTENTION_KERNELS;
#endif
