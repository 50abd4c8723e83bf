#include "CKernels.h"
#include "DotProducts.h"
#include "QuantisedVersions.h"

const clq_quantised_kernels *clq_quantised_kernels_for(int instruction_set) {
    if (!clq_kernels_for(instruction_set)) return NULL;
    switch (instruction_set) {
#if defined(__x86_64__)
    case 1:
    case 2: return &clq_quantised_avx2;
    case 3: return __builtin_cpu_is("intel") ? &clq_quantised_vnni_streams : &clq_quantised_vnni;
    case 4: return &clq_quantised_amx;
#elif defined(__aarch64__)
    case 5: return has_dot_products() ? &clq_quantised_neon : &clq_quantised_scalar;
#endif
    default: return &clq_quantised_scalar;
    }
}

const clq_quantised_kernels *clq_quantised_kernels_amx_emulated(void) {
#if defined(__x86_64__)
    if (clq_kernels_for(2)) return &clq_quantised_amx_emulated;
#endif
    return NULL;
}
