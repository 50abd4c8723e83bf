// AttentionTiles.h with the tiles in plain C, for tests on machines without them. Slow.
#if defined(__x86_64__)
#include "TilesEmulated.h"

#define TILE_DOT(c, rows, columns) add_products_bf16(c, rows, columns)

#include "AttentionWide.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
                             apply_to = function)
#include "AttentionTiles.h"
#pragma clang attribute pop

const clq_attention_kernels clq_attention_amx_emulated = {.attend_f32 = attend_f32, .attend_bf16 = attend_tiles};
#endif
