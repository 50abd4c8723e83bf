// The kernels for arm64: a vector of 16 lanes is four of the 32 registers; 3 x 2 sums take 24 of them.
#if defined(__aarch64__)
#include <math.h>
#include <string.h>

#include "Versions.h"

#define TILE_ROWS 3
#define TILE_OUTPUTS 2
#include "Vector.h"

const clq_kernels clq_neon = KERNELS;
#endif
