// The codec's products for AMX.
#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "TileInstructions.h"
#include "codec_products_versions.h"

#pragma clang attribute push( \
    __attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma"))), \
    apply_to = function)
#include "codec_stages.h"

#define NAMED(x) codec_amx_##x
#define TILE_DOT_BF16(sums, a, b) TILE_PRODUCT("tdpbf16ps", sums, a, b)
#define TILE_DOT_INT8(sums, a, b) TILE_PRODUCT("tdpbusd", sums, a, b)
#define HAS_STAGES 1
#include "codec_products_amx.h"
#pragma clang attribute pop

// Whether the processor has the tiles, and the system lets this process keep numbers in them.
static int permission(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const unsigned needed = 1u << 22 | 1u << 24 | 1u << 25;
    if ((d & needed) != needed || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512bf16"))
        return 0;
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
