#include "codec_rows.h"

#include "codec_loops.h"

// Sums that are under way at once, so that none waits for itself.
enum { NORM_SUMS = 4, NORM_COLUMNS = NORM_SUMS * LANES };

// The sum of a row's numbers, or of their squares, each less `mean`.
CODEC_INLINE float norm_sum(const int squares, const float *in, int64_t columns, float mean) {
#pragma clang fp contract(fast)
    codec_lanes sums[NORM_SUMS] = {{0}};
    int64_t whole = columns - columns % NORM_COLUMNS;
    for (int64_t column = 0; column < whole; column += NORM_COLUMNS)
        _Pragma("unroll") for (int sum = 0; sum < NORM_SUMS; sum++) {
            codec_lanes some;
            memcpy(&some, in + column + sum * LANES, sizeof some);
            if (squares) some -= mean;
            sums[sum] += squares ? some * some : some;
        }
    sums[0] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float part[LANES];
    memcpy(part, sums, sizeof part);
    for (int64_t column = whole; column < columns; column++) {
        float one = squares ? in[column] - mean : in[column];
        part[column % LANES] += squares ? one * one : one;
    }
    return sum_of_lanes(part);
}

CODEC_LEVELS
void codec_layer_norm(
    const float *x, int64_t stride, const float *weight, const float *bias, float epsilon, float *out,
    int64_t out_stride, int64_t rows, int64_t columns) {
#pragma clang fp contract(fast)
    for (int64_t row = 0; row < rows; row++) {
        const float *in = x + row * stride;
        float *to = out + row * out_stride;
        float mean = norm_sum(0, in, columns, 0) / (float)columns;
        float scale = 1.0f / sqrtf(norm_sum(1, in, columns, mean) / (float)columns + epsilon);
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

// Rows and vectors of columns whose sums live in registers.
enum { TABLE_ROWS = 4, TABLE_VECTORS = 2, TABLE_COLUMNS = TABLE_VECTORS * LANES };

CODEC_INLINE void table_tile(
    const int rows, const float *x, int64_t stride, const float *table, int64_t table_stride, int64_t inner, float *out,
    int64_t out_stride) {
#pragma clang fp contract(fast)
    codec_lanes sums[TABLE_ROWS * TABLE_VECTORS];
    _Pragma("unroll") for (int sum = 0; sum < rows * TABLE_VECTORS; sum++) sums[sum] = (codec_lanes){0};
    for (int64_t i = 0; i < inner; i++) {
        codec_lanes values[TABLE_VECTORS];
        memcpy(values, table + i * table_stride, sizeof values);
        _Pragma("unroll") for (int row = 0; row < rows; row++) _Pragma("unroll") for (int v = 0; v < TABLE_VECTORS; v++)
            sums[row * TABLE_VECTORS + v] += values[v] * x[row * stride + i];
    }
    _Pragma("unroll") for (int row = 0; row < rows; row++)
        memcpy(out + row * out_stride, sums + row * TABLE_VECTORS, TABLE_COLUMNS * sizeof *out);
}

CODEC_LEVELS
void codec_table(
    const float *x, int64_t stride, const float *table, int64_t table_stride, float *out, int64_t out_stride,
    int64_t rows, int64_t inner, int64_t columns) {
    for (int64_t column = 0; column < columns; column += TABLE_COLUMNS) {
        int64_t row = 0;
        for (; row + TABLE_ROWS <= rows; row += TABLE_ROWS)
            table_tile(
                TABLE_ROWS, x + row * stride, stride, table + column, table_stride, inner,
                out + row * out_stride + column, out_stride);
        for (; row < rows; row++)
            table_tile(
                1, x + row * stride, stride, table + column, table_stride, inner, out + row * out_stride + column,
                out_stride);
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
void codec_every_other(
    const float *x, int64_t stride, float *out, int64_t out_stride, int64_t rows, int64_t columns) {
    int64_t evens = (columns + 1) / 2, odds = columns / 2;
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict in = x + row * stride;
        float *restrict even = out + row * out_stride, *restrict odd = even + evens;
        for (int64_t i = 0; i < odds; i++) even[i] = in[2 * i], odd[i] = in[2 * i + 1];
        if (evens > odds) even[odds] = in[2 * odds];
    }
}

CODEC_LEVELS
void codec_unfold(
    const float *x, int64_t stride, int64_t part, float *out, int64_t out_stride, int64_t rows, int64_t length) {
    int64_t half = length / 2, quarter = length / 4;
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict a = x + row * stride, *restrict b = a + part, *restrict c = b + part, *restrict d = c + part;
        float *restrict to = out + row * out_stride;
        // The position mirrored at the end, then at the middle, then at both.
        for (int64_t p = 0; p <= quarter; p++) to[p] = (a[p] + b[p]) + (c[p] + d[p]);
        for (int64_t p = 1; p <= quarter; p++) to[length - p] = (a[p] + b[p]) - (c[p] + d[p]);
        for (int64_t p = 0; p <= quarter; p++) to[half - p] = (a[p] - b[p]) + (d[p] - c[p]);
        for (int64_t p = 1; p <= quarter; p++) to[half + p] = (a[p] - b[p]) - (d[p] - c[p]);
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
