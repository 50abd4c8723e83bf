#include "codec_rows.h"

#include "codec_loops.h"

CODEC_LEVELS
void codec_layer_norm(
    const float *x, int64_t stride, const float *weight, const float *bias, float epsilon, float *out,
    int64_t out_stride, int64_t rows, int64_t columns) {
#pragma clang fp contract(fast)
    int64_t whole = columns - columns % LANES;
    for (int64_t row = 0; row < rows; row++) {
        const float *in = x + row * stride;
        float *to = out + row * out_stride;
        float part[LANES] = {0};
        for (int64_t column = 0; column < whole; column += LANES)
            for (int lane = 0; lane < LANES; lane++) part[lane] += in[column + lane];
        for (int64_t column = whole; column < columns; column++) part[column - whole] += in[column];
        float mean = sum_of_lanes(part) / (float)columns;

        for (int lane = 0; lane < LANES; lane++) part[lane] = 0;
        for (int64_t column = 0; column < whole; column += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float apart = in[column + lane] - mean;
                part[lane] += apart * apart;
            }
        for (int64_t column = whole; column < columns; column++) {
            float apart = in[column] - mean;
            part[column - whole] += apart * apart;
        }
        float scale = 1.0f / sqrtf(sum_of_lanes(part) / (float)columns + epsilon);

        for (int64_t column = 0; column < columns; column++)
            to[column] = (in[column] - mean) * scale * weight[column] + bias[column];
    }
}

CODEC_LEVELS
void codec_depthwise(
    const float *x, int64_t stride, int64_t x_rows, const float *weight, int64_t taps, const float *bias,
    int64_t first_row, float *out, int64_t out_stride, int64_t rows, int64_t columns) {
#pragma clang fp contract(fast)
    for (int64_t row = 0; row < rows; row++) {
        float *restrict to = out + row * out_stride;
        int64_t top = first_row + row - taps / 2;
        int64_t from = top < 0 ? -top : 0, until = top + taps > x_rows ? x_rows - top : taps;
        memcpy(to, bias, (size_t)columns * sizeof(float));
        for (int64_t tap = from; tap < until; tap++) {
            const float *in = x + (top + tap) * stride, *filter = weight + tap * columns;
            for (int64_t column = 0; column < columns; column++) to[column] += in[column] * filter[column];
        }
    }
}

CODEC_LEVELS
void codec_add(float *x, int64_t stride, const float *y, int64_t y_stride, int64_t rows, int64_t columns) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < columns; column++) x[row * stride + column] += y[row * y_stride + column];
}

CODEC_LEVELS
void codec_add_product(float *x, const float *a, const float *b, int64_t count) {
    for (int64_t index = 0; index < count; index++) x[index] += a[index] * b[index];
}

CODEC_LEVELS
void codec_straight_through(float *residual, const float *entry, int64_t count) {
    for (int64_t index = 0; index < count; index++) {
        float before = residual[index];
        residual[index] = before - (before + (entry[index] - before));
    }
}

void codec_transpose(const float *x, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns) {
    // Square tiles, so that neither side touches more lines at a time than the first cache holds.
    enum { TILE = 32 };
    for (int64_t row = 0; row < rows; row += TILE)
        for (int64_t column = 0; column < columns; column += TILE) {
            int64_t last_row = row + TILE < rows ? row + TILE : rows;
            int64_t last_column = column + TILE < columns ? column + TILE : columns;
            for (int64_t c = column; c < last_column; c++)
                for (int64_t r = row; r < last_row; r++) out[c * out_stride + r] = x[r * stride + c];
        }
}

CODEC_LEVELS
float codec_energy(const float *x, int64_t count) {
    float part[LANES] = {0};
    int64_t whole = count - count % LANES;
    for (int64_t index = 0; index < whole; index += LANES)
        for (int lane = 0; lane < LANES; lane++) part[lane] += x[index + lane] * x[index + lane];
    for (int64_t index = whole; index < count; index++) part[index - whole] += x[index] * x[index];
    return sum_of_lanes(part);
}

int64_t codec_nearest(float energy, const float *dots, const float *entry_energies, int64_t entries) {
    int64_t nearest = 0;
    float least = INFINITY;
    for (int64_t entry = 0; entry < entries; entry++) {
        float distance = energy - 2.0f * dots[entry] + entry_energies[entry];
        if (distance < least) {
            least = distance;
            nearest = entry;
        }
    }
    return nearest;
}
