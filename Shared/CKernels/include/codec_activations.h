// Element-wise passes of the speech codec. Matrices are row-major; strides count floats from row to row.
#pragma once

#include <stdint.h>

// x = GELU(x), the exact erf form, in place.
void codec_gelu(float *x, int64_t stride, int64_t rows, int64_t columns);

// x = GELU(x + bias), the exact erf form, in place.
void codec_bias_gelu(float *x, int64_t stride, const float *bias, int64_t rows, int64_t columns);

// Each row becomes its softmax, in place. `columns` >= 1, entries finite.
void codec_softmax(float *x, int64_t stride, int64_t rows, int64_t columns);

// out = silu(gate) * up; gate and up share one stride, as they lie side by side.
void codec_silu_product(
    const float *gate, const float *up, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns);

// A row [log magnitude of each bin | phase of each bin] to [real parts | imaginary parts], magnitudes cut at `limit`.
void codec_polar(const float *x, int64_t stride, float *out, int64_t out_stride, float limit, int64_t rows, int64_t bins);
