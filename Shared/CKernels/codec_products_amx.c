// The codec's products for AMX. The tile instructions are assembly that the compiler may neither move nor drop: it has
// been seen to do both to the configuration when that was left to intrinsics.
#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "TileConfiguration.h"
#include "codec_products_versions.h"

#pragma clang attribute push( \
    __attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), \
    apply_to = function)
static inline void configure(size_t rows) {
    tile_configuration shapes = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        shapes.row_bytes[tile] = 64;
        shapes.rows[tile] = tile < 5 ? (uint8_t)rows : 16;
    }
    __asm__ volatile("ldtilecfg %0" ::"m"(shapes) : "memory");
}

#define NAMED(x) codec_amx_##x
#define TILE_CONFIGURE(rows) configure(rows)
#define TILE_ZERO(t) __asm__ volatile("tilezero %%tmm" #t ::: "memory")
#define TILE_LOAD(t, address, stride)                                                                                  \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #t ::"r"(address), "r"((size_t)(stride)) : "memory")
#define TILE_STORE(t, address, stride)                                                                                 \
    __asm__ volatile("tilestored %%tmm" #t ", (%0,%1,1)" ::"r"(address), "r"((size_t)(stride)) : "memory")
#define TILE_DOT_BF16(sums, a, b) __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #sums ::: "memory")
#define TILE_DOT_INT8(sums, a, b) __asm__ volatile("tdpbusd %%tmm" #b ", %%tmm" #a ", %%tmm" #sums ::: "memory")
#define TILE_RELEASE() __asm__ volatile("tilerelease" ::: "memory")
#include "codec_products_amx.h"
#pragma clang attribute pop

// Whether the processor has the tiles, and the system lets this process keep numbers in them.
static int permission(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const unsigned needed = 1u << 22 | 1u << 24 | 1u << 25;
    if ((d & needed) != needed || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq")) return 0;
    enum { REQUEST = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}

int codec_amx_is_allowed(void) {
    // Asked once. Two threads that ask at the same time get the same answer.
    static int answer = -1;
    int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
    if (known < 0) {
        __builtin_cpu_init();
        known = permission();
        __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
    }
    return known;
}

const codec_bf16_panel codec_bf16_amx = codec_amx_bf16;
const codec_int8_panel codec_int8_amx = codec_amx_int8;
#endif
