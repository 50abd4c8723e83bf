// The versions that QuantisedDispatch.c chooses from, and the constant that they share.
#pragma once

#include "quantised.h"

/// A group whose largest magnitude is below this is taken as zeros: its inverse would overflow.
#define CLQ_QUANTISED_LEAST 1e-30f

/// What a file holds that defines the others too.
#define QUANTISED_KERNELS(layer_8, layer_4) \
    {.linear_8 = layer_8, .linear_4 = layer_4, .gated_8 = gated_8, .gated_4 = gated_4, .quantise = quantise}

extern const clq_quantised_kernels clq_quantised_scalar;
#if defined(__x86_64__)
extern const clq_quantised_kernels clq_quantised_avx2;
extern const clq_quantised_kernels clq_quantised_vnni;
/// The same bits, for CPUs of Intel.
extern const clq_quantised_kernels clq_quantised_vnni_streams;
extern const clq_quantised_kernels clq_quantised_amx;
extern const clq_quantised_kernels clq_quantised_amx_emulated;
#elif defined(__aarch64__)
extern const clq_quantised_kernels clq_quantised_neon;
#endif
