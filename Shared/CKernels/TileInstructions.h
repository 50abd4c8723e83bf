// The instructions of AMX that move tiles, as assembly that the compiler may neither move nor drop: it has been seen to do
// both to the configuration when that was left to intrinsics.
#pragma once

#include "TileConfiguration.h"

#define TILES_BEGIN(configuration) __asm__ volatile("ldtilecfg %0" : : "m"(*(configuration)) : "memory")
#define TILES_END() __asm__ volatile("tilerelease" : : : "memory")
#define TILE_ZERO(t) __asm__ volatile("tilezero %%tmm" #t : : : "memory")
#define TILE_LOAD(t, from, stride) \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #t : : "r"(from), "r"((size_t)(stride)) : "memory")
#define TILE_STORE(t, to, stride) \
    __asm__ volatile("tilestored %%tmm" #t ", (%0,%1,1)" : : "r"(to), "r"((size_t)(stride)) : "memory")
/// `instruction` multiplies the tiles `rows` and `columns` and adds to `sums`. It touches no memory; said so all the same, to
/// keep what stands between two of them there.
#define TILE_PRODUCT(instruction, sums, rows, columns) \
    __asm__ volatile(instruction " %%tmm" #columns ", %%tmm" #rows ", %%tmm" #sums : : : "memory")
