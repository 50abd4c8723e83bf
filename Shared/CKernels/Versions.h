// The versions that Dispatch.c chooses from.
#pragma once

#include "CKernels.h"

extern const clq_kernels clq_scalar;
#if defined(__x86_64__)
extern const clq_kernels clq_avx2;
extern const clq_kernels clq_avx512;
#elif defined(__aarch64__)
extern const clq_kernels clq_neon;
#endif
