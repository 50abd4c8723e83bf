// The kernels for AVX-512: 32 registers hold 6 x 4 sums, 4 vectors of weights and one of inputs.
#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#include "Versions.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#define TILE_ROWS 6
#define TILE_OUTPUTS 4
#include "Vector.h"
#pragma clang attribute pop

const clq_kernels clq_avx512 = KERNELS;
#endif
