#include "CKernels.h"
#include "Versions.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/// Asks for the registers of the tiles, which Linux gives to the whole process, once it asked. Asking again is cheap.
static int may_use_tiles(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 }; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#elif defined(__x86_64__)
static int may_use_tiles(void) { return 0; }
#endif

const clq_kernels *clq_kernels_for(int instruction_set) {
    switch (instruction_set) {
    case 0: return &clq_scalar;
#if defined(__x86_64__)
    case 1:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &clq_avx2 : NULL;
    case 2:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
                   ? &clq_avx512
                   : NULL;
    case 3: // what it adds serves the quantised layers alone
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512vnni") ? clq_kernels_for(2) : NULL;
    case 4: // as above
        __builtin_cpu_init();
        return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") && may_use_tiles()
                   ? clq_kernels_for(3)
                   : NULL;
#elif defined(__aarch64__)
    case 5: return &clq_neon; // which every one has
#endif
    default: return NULL;
    }
}
