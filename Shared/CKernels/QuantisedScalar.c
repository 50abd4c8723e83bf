// The oracle of the quantised layers: what quantised.h promises, in plain loops.
#include <float.h>
#include <math.h>

#include "Oracle.h"
#include "QuantisedLayout.h"
#include "QuantisedVersions.h"

static void quantise(const float *x, size_t inputs, clq_quantised_rows out, size_t out_stride) {
    for (size_t g = 0; g < clq_groups(inputs); g++) {
        clq_quantised_rows group = clq_rows_from(out, g * out_stride);
        memset(group.values, 0, CLQ_GROUP);
        memset(group.sums, 0, sizeof *group.sums);
        *group.scales = 0;
        size_t count = inputs - g * CLQ_GROUP < CLQ_GROUP ? inputs - g * CLQ_GROUP : CLQ_GROUP;
        float from[CLQ_GROUP] = {0};
        memcpy(from, x + g * CLQ_GROUP, count * sizeof *x);
        clq_turn(from);
        float highest = 0;
        int finite = 1;
        for (size_t i = 0; i < CLQ_GROUP; i++) {
            finite = finite && isfinite(from[i]);
            highest = fabsf(from[i]) > highest ? fabsf(from[i]) : highest;
        }
        if (!finite) *group.scales = NAN;
        if (!finite || highest < CLQ_QUANTISED_LEAST) continue;
        *group.scales = highest / 127.0f / CLQ_GROUP;
        float inverse = 127.0f / highest;
        for (size_t i = 0; i < CLQ_GROUP; i++) {
            group.values[i] = (int8_t)rintf(from[i] * inverse);
            group.sums->subgroups[i / CLQ_SUBGROUP] += group.values[i];
            group.sums->all += group.values[i];
        }
    }
}

static void linear(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                   size_t outputs, float *y, size_t y_stride, size_t block_bytes,
                   int (*weight)(const uint8_t *, size_t, size_t), float (*scale)(const uint8_t *, size_t)) {
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            const uint8_t *tile = w + o / CLQ_TILE * groups * block_bytes;
            float sum = 0;
            for (size_t g = 0; g < groups; g++) {
                clq_quantised_rows group = clq_rows_from(x, g * x_stride + r);
                const uint8_t *block = tile + g * block_bytes;
                int32_t dot = 0;
                for (size_t i = 0; i < CLQ_GROUP; i++) dot += group.values[i] * weight(block, o % CLQ_TILE, i);
                sum = fmaf((float)dot, *group.scales * scale(block, o % CLQ_TILE), sum);
            }
            y[r * y_stride + o] = sum;
        }
}

static void linear_8(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    linear(x, x_stride, rows, w, groups, outputs, y, y_stride, CLQ_BLOCK_BYTES_8, clq_weight_8, clq_scale_8);
}

static void linear_4(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                     size_t outputs, float *y, size_t y_stride) {
    linear(x, x_stride, rows, w, groups, outputs, y, y_stride, CLQ_BLOCK_BYTES_4, clq_weight_4, clq_scale_4);
}

#define INLINE static inline
#include "QuantisedGated.h"

const clq_quantised_kernels clq_quantised_scalar = QUANTISED_KERNELS(linear_8, linear_4);
