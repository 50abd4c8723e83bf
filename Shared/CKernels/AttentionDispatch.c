#include "AttentionVersions.h"
#include "CKernels.h"

const clq_attention_kernels *clq_attention_kernels_for(int instruction_set) {
    if (clq_kernels_for(instruction_set) == NULL) return NULL;
#if defined(__x86_64__)
    if (instruction_set == 4 && __builtin_cpu_supports("amx-bf16")) return &clq_attention_amx;
    // Whatever is more than AVX-512 has it.
    if (instruction_set >= 2) return &clq_attention_avx512;
    if (instruction_set == 1) return &clq_attention_avx2;
#elif defined(__aarch64__)
    if (instruction_set > 0) return &clq_attention_neon;
#endif
    return &clq_attention_scalar;
}

const clq_attention_kernels *clq_attention_kernels_amx_emulated(void) {
#if defined(__x86_64__)
    if (clq_kernels_for(2)) return &clq_attention_amx_emulated;
#endif
    return NULL;
}
