// QuantisedAMX.h with the tiles in plain C, for tests on machines without them. Slow.
#if defined(__x86_64__)
#include "TilesEmulated.h"

#define TILE_DOT(c, rows, columns) add_products_int8(c, rows, columns, 1)
#define FEW_ROWS clq_quantised_scalar

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#include "QuantisedAMX.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_amx_emulated = QUANTISED_KERNELS(linear_8, linear_4);
#endif
