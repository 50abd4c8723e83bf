// The quantised layers with AMX. The tile instructions are written out and keep their order, because a compiler's own
// may move or drop the configuration, which not all of its passes take for a side effect.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#define TILES_BEGIN(configuration) __asm__ volatile("ldtilecfg %0" : : "m"(*(configuration)) : "memory")
#define TILES_END() __asm__ volatile("tilerelease" : : : "memory")
#define TILE_ZERO(c) __asm__ volatile("tilezero %%tmm" #c : : : "memory")
#define TILE_LOAD(t, from, stride) \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #t : : "r"(from), "r"((size_t)(stride)) : "memory")
#define TILE_STORE(t, to, stride) \
    __asm__ volatile("tilestored %%tmm" #t ", (%0,%1,1)" : : "r"(to), "r"((size_t)(stride)) : "memory")
// It touches no memory; said so all the same, to keep what stands between two of them there.
#define TILE_DOT(c, rows, columns) \
    __asm__ volatile("tdpbssd %%tmm" #columns ", %%tmm" #rows ", %%tmm" #c : : : "memory")
#define FEW_ROWS clq_quantised_vnni_streams
#include "QuantisedAMX.h"
#pragma clang attribute pop

const clq_quantised_kernels clq_quantised_amx = {.linear_8 = linear_8, .linear_4 = linear_4, .quantise = quantise};
#endif
