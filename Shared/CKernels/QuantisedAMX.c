// The quantised layers with AMX.
#if defined(__x86_64__)
#include <immintrin.h>

#include "TileInstructions.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#define TILE_DOT(c, rows, columns) TILE_PRODUCT("tdpbssd", c, rows, columns)
#define FEW_ROWS clq_quantised_vnni_streams
#include "QuantisedAMX.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_amx = QUANTISED_KERNELS(linear_8, linear_4);
#endif
