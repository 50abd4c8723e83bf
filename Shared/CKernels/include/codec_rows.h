// Row passes of the speech codec. Matrices are row-major; strides count floats from row to row.
#pragma once

#include <stdint.h>

// out = (x - mean) / sqrt(variance + epsilon) * weight + bias per row; `out` may be `x`.
void codec_layer_norm(
    const float *x, int64_t stride, const float *weight, const float *bias, float epsilon, float *out,
    int64_t out_stride, int64_t rows, int64_t columns);

// A convolution along the rows with one filter per column and zeros around: row r of `out` is row `first_row` + r of the
// convolution of `x` (x_rows rows). `taps` is odd; `weight` is [taps, columns].
void codec_depthwise(
    const float *x, int64_t stride, int64_t x_rows, const float *weight, int64_t taps, const float *bias,
    int64_t first_row, float *out, int64_t out_stride, int64_t rows, int64_t columns);

// out = x * table: [rows, inner] times [inner, columns], each sum in the order of `inner`. `columns` is a multiple of 32.
void codec_table(
    const float *x, int64_t stride, const float *table, int64_t table_stride, float *out, int64_t out_stride,
    int64_t rows, int64_t inner, int64_t columns);

// x += y; a y_stride of 0 adds the one row of y to every row.
void codec_add(float *x, int64_t stride, const float *y, int64_t y_stride, int64_t rows, int64_t columns);

// x += a * b.
void codec_add_product(float *x, const float *a, const float *b, int64_t count);

// residual -= residual + (entry - residual), rounded in this order as the original's straight-through form does.
void codec_straight_through(float *residual, const float *entry, int64_t count);

// out[column, row] = x[row, column].
void codec_transpose(const float *x, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns);

// out = [columns 0, 2, … of x | columns 1, 3, …]; not in place.
void codec_every_other(
    const float *x, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns);

// The last step of an inverse Fourier transform of `length`, which is even. x holds, for positions 0 … length / 4 and `part`
// floats apart: the sums over even cosines, odd cosines, even sines, odd sines. Not in place.
void codec_unfold(
    const float *x, int64_t stride, int64_t part, float *out, int64_t out_stride, int64_t rows, int64_t length);

// The sum of squares.
float codec_energy(const float *x, int64_t count);

// The first of the entries with the least energy - 2 dot + entry energy, rounded in this order.
int64_t codec_nearest(float energy, const float *dots, const float *entry_energies, int64_t entries);
