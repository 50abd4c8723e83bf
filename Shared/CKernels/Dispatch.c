#include "CKernels.h"
#include "Versions.h"

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
#endif
    default: return NULL;
    }
}
