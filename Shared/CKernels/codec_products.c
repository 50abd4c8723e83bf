#include "codec_products.h"

#include "codec_finish.h"
#include "codec_products_versions.h"

codec_bf16_panel codec_bf16_panel_for(int version) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (version == CODEC_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return codec_bf16_avx2;
    if (version == CODEC_AVX512 && has_avx512) return codec_bf16_avx512;
    if (version == CODEC_AVX512_DOT && has_avx512 && __builtin_cpu_supports("avx512bf16"))
        return codec_bf16_avx512_dot;
#endif
#if CODEC_HAS_AMX
    if (version == CODEC_AMX && codec_amx_is_allowed()) return codec_bf16_amx;
#endif
    if (version == CODEC_EMULATED) return codec_bf16_emulated;
    return version == CODEC_PORTABLE ? codec_bf16_portable : NULL;
}

codec_int8_panel codec_int8_panel_for(int version) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (version == CODEC_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return codec_int8_avx2;
    if (version == CODEC_AVX512_DOT && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni"))
        return codec_int8_avx512_dot;
#endif
#if CODEC_HAS_AMX
    if (version == CODEC_AMX && codec_amx_is_allowed()) return codec_int8_amx;
#endif
    if (version == CODEC_EMULATED) return codec_int8_emulated;
    return version == CODEC_PORTABLE ? codec_int8_portable : NULL;
}

// Rows whose sums stay in the first cache until they are finished, while the next ones are computed.
enum { BF16_ROWS = 64, INT8_ROWS = 32 };

// Sums that are computed and sums that are finished meanwhile.
typedef struct pipeline {
    float sums[2][BF16_ROWS * CODEC_PANEL] __attribute__((aligned(64)));
    codec_finishing finishing[2];
    int turn;
    codec_finished_panel panels[2];
    codec_between between;
} pipeline;

// A block of rows of a panel: where in the work it is, and how many there are.
typedef struct place {
    size_t row, rows, first, block, blocks;
} place;

static void begin(pipeline *work) {
    work->turn = 0;
    work->finishing[1].aside.left = 0;
    work->between = (codec_between){.aside = &work->finishing[1].aside};
}

// Has what `at` names finished beside the block that comes next, while the weights of the panel after that one are asked
// for: `w` are those of all panels, each `panel_bytes` long, of which `used` are used.
static void finish_later(
    pipeline *work, place at, const codec_finish *finish, size_t outputs, const void *w, size_t panel_bytes, size_t used) {
    codec_finishing *it = &work->finishing[work->turn];
    codec_finished_panel *finished = &work->panels[at.first / CODEC_PANEL % 2];
    if (at.block == 0) codec_set_finished_panel(finished, finish, at.first, outputs);
    *it = codec_finishing_of(finished, work->sums[work->turn], at.row, at.rows);
    int is_last = at.block + 1 == at.blocks;
    size_t panel = at.first / CODEC_PANEL + (is_last ? 2 : 1), block = is_last ? 0 : at.block + 1;
    if (panel * CODEC_PANEL < outputs) {
        size_t lines = used / 64, start = lines * block / at.blocks, end = lines * (block + 1) / at.blocks;
        it->ahead = (const char *)w + panel * panel_bytes + 64 * start;
        it->ahead_lines = end - start;
        it->ahead_pace = (end - start + at.rows - 1) / at.rows;
    }
    work->between.aside = &it->aside;
    work->turn = !work->turn;
}

static void end(pipeline *work) {
    codec_aside_rest(work->between.aside);
    if (work->between.release) work->between.release();
}

void codec_product_bf16(
    codec_bf16_panel version, const uint16_t *x, size_t x_stride, size_t rows, const uint16_t *w, size_t w_inputs,
    size_t inputs, size_t outputs, const codec_finish *finish) {
    pipeline work;
    begin(&work);
    size_t blocks = (rows + BF16_ROWS - 1) / BF16_ROWS;
    for (size_t first = 0; first < outputs; first += CODEC_PANEL)
        for (size_t block = 0, r = 0; r < rows; block++, r += BF16_ROWS) {
            size_t count = rows - r < BF16_ROWS ? rows - r : BF16_ROWS;
            version(
                x + r * x_stride, x_stride, count, w + first * w_inputs, inputs, work.sums[work.turn],
                &work.between);
            codec_aside_rest(work.between.aside);
            finish_later(
                &work, (place){r, count, first, block, blocks}, finish, outputs, w, CODEC_PANEL * w_inputs * sizeof *w,
                CODEC_PANEL * inputs * sizeof *w);
        }
    end(&work);
}

void codec_product_int8(
    codec_int8_panel version, const uint8_t *x, size_t x_stride, const float *scales, size_t scale_stride, size_t rows,
    const int8_t *w, const float *totals, size_t w_inputs, size_t inputs, size_t outputs,
    const codec_finish *finish) {
    pipeline work;
    begin(&work);
    size_t groups = (w_inputs + CODEC_GROUP - 1) / CODEC_GROUP, blocks = (rows + INT8_ROWS - 1) / INT8_ROWS;
    for (size_t first = 0; first < outputs; first += CODEC_PANEL)
        for (size_t block = 0, r = 0; r < rows; block++, r += INT8_ROWS) {
            size_t count = rows - r < INT8_ROWS ? rows - r : INT8_ROWS;
            version(
                x + r * x_stride, x_stride, scales + r * scale_stride, scale_stride, count, w + first * w_inputs,
                totals + first * groups, inputs, work.sums[work.turn], &work.between);
            codec_aside_rest(work.between.aside);
            finish_later(
                &work, (place){r, count, first, block, blocks}, finish, outputs, w, CODEC_PANEL * w_inputs,
                CODEC_PANEL * inputs);
        }
    end(&work);
}
