// The versions that AttentionDispatch.c chooses from.
#pragma once

#include "attention.h"

extern const clq_attention_kernels clq_attention_scalar;
#if defined(__x86_64__)
extern const clq_attention_kernels clq_attention_avx2;
extern const clq_attention_kernels clq_attention_avx512;
extern const clq_attention_kernels clq_attention_amx;
extern const clq_attention_kernels clq_attention_amx_emulated;
#elif defined(__aarch64__)
extern const clq_attention_kernels clq_attention_neon;
#endif
