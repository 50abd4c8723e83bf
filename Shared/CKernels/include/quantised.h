// Dense layers with weights in 8 or 4 bits and activations in 8 bits.
//
// The promise of CKernels.h holds here too: an element's bits depend on its own row and its own weights alone, on every
// instruction set. Inputs come in groups of CLQ_GROUP. Inside a group all arithmetic is in integers, hence exact in any
// order; the groups are added in ascending order:
//
//   y[r, o] = sum over g of float(dot[r, o, g]) * (x scale[r, g] * w scale[o, g])    by fused multiply-add, from +0.
//
// Before anything is rounded, each group of activations and each group of weights is turned by the same Walsh-Hadamard
// matrix (128 = the square of its length is taken out of the activations' scale): the products stay what they were, and
// no single large number sets the step of a whole group. On trained models that makes the error of 8-bit activations
// half as large. Its butterflies run from stride 64 down to 1.
//
// A weight of 8 bits is an integer in -127 ... 127. A weight of 4 bits is q * s: q in -8 ... 7 is its own, s in 0 ... 15
// belongs to its subgroup of CLQ_SUBGROUP inputs; so one scale serves a whole group, and the product fits 8 bits.
//
// Packed weights are tiles of CLQ_TILE outputs, one behind the other; a tile is a block for each group, 64-byte aligned:
//
//   8 bits   CLQ_TILE scales (float), then 32 vectors of 64 bytes: vector v holds the inputs 4v ... 4v + 3 of every output,
//            byte 4o + i that of output o and input 4v + i, as the integer + 128.
//   4 bits   CLQ_TILE scales (bfloat16), CLQ_TILE words of 16 bits whose nibble k is s of the subgroup k, then 16 vectors:
//            the low nibbles of vector v are the inputs 4v ... , the high ones 64 + 4v ... , as q + 8.
//
// What is missing in the last group or the last tile is 0 with a scale of 0.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    /// Of the packed bytes of a matrix. Raise it with every change of what clq_pack_8 and clq_pack_4 write, be it the layout
    /// or the rounding: files of packed weights are kept, and are made again when this differs.
    CLQ_PACKING_VERSION = 1,
    CLQ_GROUP = 128,
    CLQ_SUBGROUP = 32,
    CLQ_TILE = 16,
    CLQ_BLOCK_BYTES_8 = 64 + CLQ_TILE * CLQ_GROUP,
    CLQ_BLOCK_BYTES_4 = 64 + CLQ_TILE * CLQ_GROUP / 2,
};

/// Sums of the values of one group of one row: of each subgroup, and of all.
typedef struct clq_quantised_sums {
    int32_t subgroups[CLQ_GROUP / CLQ_SUBGROUP];
    int32_t all;
} clq_quantised_sums;

/// Rows of activations. Group g of row r is element g * stride + r of all three: the values of 16 rows follow each other
/// as a tile takes them, and what else is known of a row does not stand between.
typedef struct clq_quantised_rows {
    int8_t *values; // CLQ_GROUP of an element
    clq_quantised_sums *sums;
    /// What a value of 1 stands for; not a number where the row held one that is not finite.
    float *scales;
} clq_quantised_rows;

/// Bytes of a room for `elements` groups of rows.
size_t clq_quantised_room(size_t elements);

/// The rows in such a room, which begins at a multiple of 64.
clq_quantised_rows clq_quantised_rows_in(void *room, size_t elements);

/// The rows from element `first` on.
static inline clq_quantised_rows clq_rows_from(clq_quantised_rows x, size_t first) {
    x.values += first * CLQ_GROUP;
    x.sums += first;
    x.scales += first;
    return x;
}

/// A layer on quantised rows, the groups `x_stride` apart. w: `tiles` packed tiles of `groups` blocks.
/// y: `rows` rows of `outputs`, `y_stride` apart; outputs fill all tiles but the last.
/// Up to 15 elements behind the last are read, whatever they hold, and nothing comes of them: every room has them.
typedef void clq_quantised_linear(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *w, size_t groups,
                                  size_t outputs, float *y, size_t y_stride);

/// Two layers of one shape and what comes of them, quantised: silu(gate[r, o]) * up[r, o], to the bit what the layers, then
/// silu_multiply (CKernels.h) and then `quantise` give. y: its groups `y_stride` elements apart. Worth it for many rows.
typedef void clq_quantised_gated(clq_quantised_rows x, size_t x_stride, size_t rows, const uint8_t *gate,
                                 const uint8_t *up, size_t groups, size_t outputs, clq_quantised_rows y, size_t y_stride);

typedef struct clq_quantised_kernels {
    clq_quantised_linear *_Nonnull linear_8;
    clq_quantised_linear *_Nonnull linear_4;
    clq_quantised_gated *_Nonnull gated_8;
    clq_quantised_gated *_Nonnull gated_4;

    /// Groups of one row of `inputs` numbers, `out_stride` elements apart. Each group, turned: scale = largest magnitude / 127,
    /// a value is the number / scale to the nearest integer, ties to even; then the scale is divided by 128.
    void (*_Nonnull quantise)(const float *x, size_t inputs, clq_quantised_rows out, size_t out_stride);
} clq_quantised_kernels;

/// The version for an instruction set (see clq_kernels_for), or null where this CPU lacks it.
const clq_quantised_kernels *_Nullable clq_quantised_kernels_for(int instruction_set);

/// The version for AMX with its tile instructions emulated, for tests; slow. Null where this CPU lacks AVX-512.
const clq_quantised_kernels *_Nullable clq_quantised_kernels_amx_emulated(void);

/// Packs one tile: w has `outputs` (at most CLQ_TILE) rows of `inputs` finite numbers. Same bits on every CPU.
///
/// Of the turned group: 8 bits: scale = largest magnitude / 127, to the nearest. 4 bits: for each subgroup the s, and for each
/// group the scale, with the least squared error found.
void clq_pack_8(const float *w, size_t inputs, size_t outputs, uint8_t *tile);
void clq_pack_4(const float *w, size_t inputs, size_t outputs, uint8_t *tile);

/// One output's weights back, `inputs` of them, turned back: what the packed integers stand for.
void clq_unpack_8(const uint8_t *tile, size_t output, size_t inputs, float *w);
void clq_unpack_4(const uint8_t *tile, size_t output, size_t inputs, float *w);

#pragma clang assume_nonnull end
