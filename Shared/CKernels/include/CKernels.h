// The language model's arithmetic on the CPU, float32 throughout.
//
// The promise: a result depends on its own operands alone. Not on how many rows are computed together, on which rows
// stand beside it, on how a caller cuts the outputs or the prompt, nor on the instruction set: every version below
// gives the same bits. It holds because the order of every sum is part of the definition:
//
//   A sum over an index i (a dot product, a mean of squares) runs in 16 lanes. Lane l takes i = l, l + 16, l + 32 ...
//   in this order, by fused multiply-add, from +0. The lanes are then folded: l + (l + 8), l + (l + 4), l + (l + 2),
//   l + (l + 1). A softmax's denominator runs in the same lanes by plain addition.
//   exp is one polynomial, written out in the oracle.
//
// Scalar.c is the oracle: plain loops. Vector.h is the fast text, compiled once per instruction set. Attention has a page
// and a table of its own (attention.h).
// Nothing allocates, nothing is global, nothing checks: shapes are checked by the Swift that calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attention.h"

// The speech codec's kernels make no such promise: they stand beside OpenBLAS, whose bits are its own.
#include "codec_activations.h"
#include "codec_products.h"
#include "codec_rows.h"
#include "machine_probes.h"
#include "quantised.h"

#pragma clang assume_nonnull begin

/// One version of all kernels. Strides count elements. Outputs never overlap inputs unless said.
typedef struct clq_kernels {
    /// y[r, o] = sum over i of x[r, i] * w[o, i].
    ///
    /// x: `rows` rows of `inputs`, `x_stride` apart. w: `outputs` rows of `inputs`, one after another.
    /// y: `rows` rows of `outputs`, `y_stride` apart. At one row the cost is reading w.
    void (*_Nonnull linear_f32)(const float *x, size_t x_stride, size_t rows, const float *w, size_t inputs,
                                size_t outputs, float *y, size_t y_stride);

    /// The same for weights in bfloat16, which are widened exactly.
    void (*_Nonnull linear_bf16)(const float *x, size_t x_stride, size_t rows, const uint16_t *w, size_t inputs,
                                 size_t outputs, float *y, size_t y_stride);

    /// y = x / sqrt(mean(x^2) + eps) * weight over `count` elements. y may be x.
    void (*_Nonnull rms_norm)(const float *x, const float *weight, float eps, size_t count, float *y);

    /// x += y, and the norm of that into z, which may be neither.
    void (*_Nonnull add_rms_norm)(float *x, const float *y, const float *weight, float eps, size_t count, float *z);

    /// x = (a, b) halves of `half` elements each: a' = a cos - b sin, b' = b cos + a sin, in place.
    void (*_Nonnull rotate_halves)(float *x, const float *cosines, const float *sines, size_t half);

    /// gate = gate / (1 + exp(-gate)) * up, in place.
    void (*_Nonnull silu_multiply)(float *gate, const float *up, size_t count);

    /// x += y.
    void (*_Nonnull add_f32)(float *x, const float *y, size_t count);
    void (*_Nonnull add_bf16)(float *x, const uint16_t *y, size_t count);

    /// x = exp(x - shift); 0 where that is below the normal numbers. Returns the sum, in lanes.
    float (*_Nonnull exp_sum)(float *x, float shift, size_t count);
} clq_kernels;

/// The version for an instruction set (0 scalar, 1 AVX2 + FMA, 2 AVX-512, 3 AVX-512 with VNNI, 4 that with AMX for bytes,
/// 5 NEON), or null where this CPU lacks it or the system refuses it.
const clq_kernels *_Nullable clq_kernels_for(int instruction_set);

#pragma clang assume_nonnull end
