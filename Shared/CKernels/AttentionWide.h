// Attention's text in vectors for AVX-512: 16 sums of the 32 registers.
#include <math.h>
#include <string.h>

#include "AttentionVersions.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#define SCORE_ROWS 4
#define SCORE_VECTORS 4
#define VALUE_SUMS 16
#define PAIR_ROWS 4
#define PAIR_SUMS 8
#include "AttentionVector.h"
#pragma clang attribute pop
