// Attention with AMX; over keys and values in f32 that of AVX-512.
#if defined(__x86_64__)
#include "TileInstructions.h"

#define TILE_DOT(c, rows, columns) TILE_PRODUCT("tdpbf16ps", c, rows, columns)

#include "AttentionWide.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#include "AttentionTiles.h"
#pragma clang attribute pop

const clq_attention_kernels clq_attention_amx = {.attend_f32 = attend_f32, .attend_bf16 = attend_tiles};
#endif
