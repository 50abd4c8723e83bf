#include "codec_activations.h"

#include "codec_gelu.h"
#include "codec_loops.h"


CODEC_LEVELS
void codec_gelu(float *x, int64_t stride, int64_t rows, int64_t columns) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < columns; column++)
            x[row * stride + column] = gelu_of(x[row * stride + column]);
}

CODEC_LEVELS
void codec_bias_gelu(float *x, int64_t stride, const float *bias, int64_t rows, int64_t columns) {
    for (int64_t row = 0; row < rows; row++) {
        float *restrict at = x + row * stride;
        for (int64_t column = 0; column < columns; column++) at[column] = gelu_of(at[column] + bias[column]);
    }
}

CODEC_LEVELS
void codec_softmax(float *x, int64_t stride, int64_t rows, int64_t columns) {
    int64_t whole = columns - columns % LANES;
    for (int64_t row = 0; row < rows; row++) {
        float *at = x + row * stride;
        float part[LANES];
        for (int lane = 0; lane < LANES; lane++) part[lane] = -INFINITY;
        for (int64_t column = 0; column < whole; column += LANES)
            for (int lane = 0; lane < LANES; lane++)
                part[lane] = part[lane] > at[column + lane] ? part[lane] : at[column + lane];
        for (int64_t column = whole; column < columns; column++)
            part[0] = part[0] > at[column] ? part[0] : at[column];
        float top = max_of_lanes(part);

        for (int64_t column = 0; column < columns; column++) at[column] = exp_of_negative(at[column] - top);

        for (int lane = 0; lane < LANES; lane++) part[lane] = 0;
        for (int64_t column = 0; column < whole; column += LANES)
            for (int lane = 0; lane < LANES; lane++) part[lane] += at[column + lane];
        for (int64_t column = whole; column < columns; column++) part[column - whole] += at[column];
        float share = 1.0f / sum_of_lanes(part);
        for (int64_t column = 0; column < columns; column++) at[column] *= share;
    }
}

void codec_silu_product(
    const float *gate, const float *up, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < columns; column++) {
            float value = gate[row * stride + column];
            out[row * out_stride + column] = value / (1.0f + expf(-value)) * up[row * stride + column];
        }
}

void codec_polar(const float *x, int64_t stride, float *out, int64_t out_stride, float limit, int64_t rows, int64_t bins) {
    for (int64_t row = 0; row < rows; row++) {
        const float *in = x + row * stride;
        float *to = out + row * out_stride;
        for (int64_t bin = 0; bin < bins; bin++) {
            float magnitude = expf(in[bin]), phase = in[bins + bin];
            if (magnitude > limit) magnitude = limit;
            to[bin] = magnitude * cosf(phase);
            to[bins + bin] = magnitude * sinf(phase);
        }
    }
}
