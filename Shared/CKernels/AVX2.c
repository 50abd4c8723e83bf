// The kernels for AVX2 with FMA: a vector of 16 lanes is two of the 16 registers; 3 x 2 sums, one output's weights and
// one row's inputs fill them.
#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#include "Versions.h"

// A 64-byte vector as an argument has no fixed convention here; every function that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define TILE_ROWS 3
#define TILE_OUTPUTS 2
#include "Vector.h"
#pragma clang attribute pop

const clq_kernels clq_avx2 = KERNELS;
#endif
