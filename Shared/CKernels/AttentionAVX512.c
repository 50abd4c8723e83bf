// Attention for AVX-512.
#if defined(__x86_64__)
#include "AttentionWide.h"

const clq_attention_kernels clq_attention_avx512 = ATTENTION_KERNELS;
#endif
