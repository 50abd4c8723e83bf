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

        for (int64_t column = 0; column < columns; column++) at[column] = exp_of(at[column] - top);

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

// Phases up to this are brought near zero here, exactly enough; what lies beyond is left to the library.
static const float POLAR_LIMIT = 8192;

// r * (cos(phase), sin(phase)) to 1e-7 of r. The nearest multiple of a quarter turn is taken off in three parts, of which the
// first two have few enough bits to be exact; the polynomials are those of Taylor, adjusted for |phase| <= pi / 4.
CODEC_INLINE void polar_near(float r, float phase, float *real, float *imaginary) {
#pragma clang fp contract(fast)
    const float magic = 12582912.0f;
    float shifted = phase * 0.636619772f + magic, n = shifted - magic;
    int32_t quarter = bits_of(shifted);
    float x = phase - n * 1.5703125f;
    x = x - n * 4.837512969970703125e-4f;
    x = x - n * 7.549789948768648e-8f;
    float u = x * x;
    float sine = u * -1.9515295891e-4f + 8.3321608736e-3f;
    sine = sine * u + -1.6666654611e-1f;
    sine = x + x * u * sine;
    float cosine = u * 2.443315711809948e-5f + -1.388731625493765e-3f;
    cosine = cosine * u + 4.166664568298827e-2f;
    cosine = 1.0f - 0.5f * u + u * u * cosine;
    float across = quarter & 1 ? sine : cosine, up = quarter & 1 ? cosine : sine;
    *real = r * ((quarter + 1) & 2 ? -across : across);
    *imaginary = r * (quarter & 2 ? -up : up);
}

// `count` bins, in place too. A constant count makes vectors of them.
CODEC_INLINE void polar_some(const float *in, float *out, float greatest, int64_t bins, const int64_t count) {
    float real[LANES], imaginary[LANES];
    for (int64_t bin = 0; bin < count; bin++) {
        float magnitude = exp_of(in[bin] < greatest ? in[bin] : greatest);
        polar_near(magnitude, in[bins + bin], real + bin, imaginary + bin);
    }
    memcpy(out, real, (size_t)count * sizeof *real);
    memcpy(out + bins, imaginary, (size_t)count * sizeof *imaginary);
}

CODEC_LEVELS
void codec_polar(const float *x, int64_t stride, float *out, int64_t out_stride, float limit, int64_t rows, int64_t bins) {
    float greatest = logf(limit);
    int64_t whole = bins - bins % LANES;
    for (int64_t row = 0; row < rows; row++) {
        const float *in = x + row * stride;
        float *to = out + row * out_stride;
        int32_t is_near = 1;
        for (int64_t bin = 0; bin < bins; bin++) is_near &= __builtin_fabsf(in[bins + bin]) <= POLAR_LIMIT;
        if (is_near) {
            for (int64_t bin = 0; bin < whole; bin += LANES) polar_some(in + bin, to + bin, greatest, bins, LANES);
            polar_some(in + whole, to + whole, greatest, bins, bins - whole);
        } else {
            for (int64_t bin = 0; bin < bins; bin++) {
                float magnitude = exp_of(in[bin] < greatest ? in[bin] : greatest), phase = in[bins + bin];
                to[bin] = magnitude * cosf(phase);
                to[bins + bin] = magnitude * sinf(phase);
            }
        }
    }
}
