#include "CKernels.h"
#include "QuantisedVersions.h"

const clq_quantised_kernels *clq_quantised_kernels_for(int instruction_set) {
    if (!clq_kernels_for(instruction_set)) return NULL;
    switch (instruction_set) {
#if defined(__x86_64__)
    case 1:
    case 2: return &clq_quantised_avx2;
    case 3: return &clq_quantised_vnni;
#endif
    default: return &clq_quantised_scalar;
    }
}
