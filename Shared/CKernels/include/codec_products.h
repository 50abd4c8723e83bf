// Matrix products of the speech codec with packed weights in bfloat16 or int8; sums in float32.
//
// The promise: y[r, o] depends on row r of x and on output o of the weights alone, not on the rows beside it, on how a
// caller cuts the rows, nor on threads. Products of int8 are exact within a group and sum the groups in order, so that
// every version gives the same bits; versions of bfloat16 differ in how they round a sum.
//
// Weights lie in panels of CODEC_PANEL outputs. In a panel, what a vector register takes is side by side: bfloat16 as
// [inputs / 2][CODEC_PANEL][2], int8 as [inputs / 4][CODEC_PANEL][4]. Missing outputs and inputs are zeros; `inputs` is
// always a multiple of CODEC_STEP_BF16 or CODEC_STEP_INT8. Rows of x have as many elements: behind their own, any finite
// ones, as zeros meet them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    CODEC_PANEL = 64,
    /// Inputs of int8 that share a scale of the row. Products of as many bytes add up to less than 2^24, which a float holds.
    CODEC_GROUP = 512,
    CODEC_STEP_BF16 = 32,
    CODEC_STEP_INT8 = 64,
    /// Rows of queries whose scores stay in a core's own cache.
    CODEC_QUERIES = 64,
};

/// Versions, in the order of their speed; the last is that of AMX with its instructions emulated, for tests alone.
enum { CODEC_PORTABLE, CODEC_AVX2, CODEC_AVX512, CODEC_AVX512_DOT, CODEC_AMX, CODEC_EMULATED };

/// Other work, done in pieces by a version that can between its products, where it costs next to nothing. Whoever gave it
/// does what is left.
typedef struct codec_aside {
    /// Does the next piece, and lowers `left`.
    void (*piece)(struct codec_aside *aside);
    size_t left;
    /// Work that a version may know how to do itself, in stages: rows of GELU (codec_stages.h), without and with scales.
    enum { CODEC_UNKNOWN, CODEC_GELU_ROWS, CODEC_SCALED_GELU_ROWS } kind;
} codec_aside;

/// What a version meets between the panels of a product.
typedef struct codec_between {
    codec_aside *aside;
    /// What a version has set up for the panels to come, rows of its tiles, and how to take it down; null where nothing is.
    size_t upper, lower;
    void (*_Nullable release)(void);
} codec_between;

/// sums[r, o] = the products of `rows` rows with one panel, [rows, CODEC_PANEL].
typedef void (*codec_bf16_panel)(
    const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *panel, size_t inputs, float *sums,
    codec_between *between);

/// The same of int8. x holds levels: row r's values in group g are low + level * unit, with the unit at
/// `scales[r * scale_stride + 2 * g]` and the low behind it. `totals` is the sum of the group's weights, [groups,
/// CODEC_PANEL]. Groups are added in order, each as total * low, then levels * unit, by fused multiply-add.
typedef void (*codec_int8_panel)(
    const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows, const int8_t *panel,
    const float *totals, size_t inputs, float *sums, codec_between *between);

/// A version, or null where this machine or its system lacks what it needs.
codec_bf16_panel _Nullable codec_bf16_panel_for(int version);
codec_int8_panel _Nullable codec_int8_panel_for(int version);

/// What becomes of the sums.
typedef struct codec_finish {
    /// One a row, one an output: both multiply the sums. Null counts as ones.
    const float *_Nullable row_scales;
    const float *_Nullable output_scales;
    /// One an output, added then. Null counts as zeros.
    const float *_Nullable bias;
    /// GELU after the bias: in float32 the exact erf form, in bfloat16 as near as that can tell.
    int gelu;
    /// What is added last, rows addend_stride apart; may be `y`. Null counts as zeros; only for float32.
    const float *_Nullable addend;
    size_t addend_stride;
    /// Whether `y` is bfloat16; each row is then filled with zeros up to y_filled elements.
    int half;
    size_t y_filled;
    void *y;
    /// Elements.
    size_t y_stride;
} codec_finish;

/// x: rows x_stride elements apart. w: panels of bfloat16 with w_inputs inputs each, of which the first `inputs` are used.
void codec_product_bf16(
    codec_bf16_panel version, const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *w, size_t w_inputs,
    size_t inputs, size_t outputs, const codec_finish *finish);

/// x: rows x_stride elements apart, with their scales. w: panels of int8 with w_inputs inputs each, of which the first
/// `inputs` are used; totals: [panels, groups, CODEC_PANEL].
void codec_product_int8(
    codec_int8_panel version, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows,
    const int8_t *w, const float *totals, size_t w_inputs, size_t inputs, size_t outputs,
    const codec_finish *finish);

// MARK: Packing

/// Packs rows of weights, output_stride apart, into panels; `padded` inputs, of which `inputs` are given.
void codec_pack_bf16(
    const float *w, size_t output_stride, size_t outputs, size_t inputs, size_t padded, uint16_t *panels);

/// Packs w[o * output_stride + i * input_stride], which is bfloat16; one of the strides is 1.
void codec_pack_half(
    const uint16_t *w, size_t output_stride, size_t input_stride, size_t outputs, size_t inputs, size_t padded,
    uint16_t *panels);

/// Packs rows of weights as int8: each output gets a scale of its own, [outputs rounded up to panels], and totals.
void codec_pack_int8(
    const float *w, size_t output_stride, size_t outputs, size_t inputs, size_t padded, int8_t *panels, float *scales,
    float *totals);

/// Rounds rows to bfloat16, to nearest, ties to even, and fills each up to `filled` elements with zeros.
void codec_rows_bf16(
    const float *x, size_t x_stride, size_t rows, size_t columns, uint16_t *y, size_t y_stride, size_t filled);

/// Rows to levels: each group of CODEC_GROUP columns from its least value, level 0, to its greatest, 255; filled with zeros
/// up to `filled`.
void codec_rows_int8(
    const float *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride);

/// The same for rows of bfloat16.
void codec_half_rows_int8(
    const uint16_t *x, size_t x_stride, size_t rows, size_t columns, uint8_t *y, size_t y_stride, size_t filled,
    float *scales, size_t scale_stride);

// MARK: Attention

/// Attention of one head for at most CODEC_QUERIES rows of queries to all keys: y[r] = sum of softmax(scale q[r] k) v.
///
/// q: rows q_stride apart, k: `keys` outputs of `width` inputs packed, v: `width` outputs of `keys` inputs packed.
/// scores: room for CODEC_QUERIES floats for every key, keys counted in whole panels; shares: room for as many halves,
/// rows shares_stride apart.
void codec_attention_bf16(
    codec_bf16_panel version, const uint16_t *q, size_t q_stride, size_t rows, const uint16_t *k, const uint16_t *v,
    size_t keys, size_t width, float scale, float *scores, uint16_t *shares, size_t shares_stride, float *y,
    size_t y_stride);

#pragma clang assume_nonnull end
