// Holds every version of the kernels that this CPU has to the oracle, over random sizes. Tests/Arm64/run builds it for
// arm64 and runs it in an emulator; the Swift tests do the same on the machine at hand.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { ROUNDS = 150, SEED = 20 };

static int failures = 0;

static size_t below(size_t limit) { return 1 + (size_t)rand() % limit; }

static void *room(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory) exit(2);
    memset(memory, 0, bytes);
    return memory;
}

static float *numbers(size_t count) {
    float *x = room(count * sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = ((float)rand() / (float)RAND_MAX - 0.5f) * 4;
    return x;
}

static void same(const void *a, const void *b, size_t bytes, const char *what, size_t inputs, size_t rows) {
    if (memcmp(a, b, bytes) == 0) return;
    failures++;
    printf("%s differs from the oracle: %zu inputs, %zu rows\n", what, inputs, rows);
}

static void layers(const clq_kernels *oracle, const clq_kernels *fast) {
    size_t inputs = below(300), rows = below(20), outputs = below(20);
    float *x = numbers(rows * inputs), *w = numbers(outputs * inputs);
    uint16_t *narrow = room(outputs * inputs * sizeof *narrow);
    for (size_t i = 0; i < outputs * inputs; i++) memcpy(narrow + i, (uint8_t *)(w + i) + 2, sizeof *narrow);
    float *expected = numbers(rows * outputs), *y = numbers(rows * outputs);
    size_t bytes = rows * outputs * sizeof *y;
    oracle->linear_f32(x, inputs, rows, w, inputs, outputs, expected, outputs);
    fast->linear_f32(x, inputs, rows, w, inputs, outputs, y, outputs);
    same(expected, y, bytes, "linear_f32", inputs, rows);
    oracle->linear_bf16(x, inputs, rows, narrow, inputs, outputs, expected, outputs);
    fast->linear_bf16(x, inputs, rows, narrow, inputs, outputs, y, outputs);
    same(expected, y, bytes, "linear_bf16", inputs, rows);
    free(x), free(w), free(narrow), free(expected), free(y);
}

static void attention(const clq_attention_kernels *oracle, const clq_attention_kernels *fast, int is_narrow) {
    enum { PAGES = 8 };
    size_t width = is_narrow ? 2 * below(64) : below(128), group = below(3), first = below(400), positions = below(60);
    size_t block = CLQ_PAGE_ROWS * width * (is_narrow ? 2 : 4), values = positions * group * width;
    float *q = numbers(values), *key = numbers(width), *value = numbers(width);
    char *pages[PAGES];
    for (int p = 0; p < PAGES; p++) pages[p] = room(2 * block);
    for (size_t r = 0; r < first + positions; r++) {
        for (size_t i = 0; i < width; i++) key[i] = (float)(rand() % 1000) / 250 - 2, value[i] = (float)(rand() % 999);
        char *page = pages[r / CLQ_PAGE_ROWS];
        (is_narrow ? clq_store_bf16 : clq_store_f32)(key, value, width, r % CLQ_PAGE_ROWS, page, page + block);
    }
    float *expected = numbers(values), *y = numbers(values);
    (is_narrow ? oracle->attend_bf16 : oracle->attend_f32)(q, group * width, first, positions, group, width,
                                                           (const void *const *)pages, 0, block, 0.3f, expected,
                                                           group * width);
    (is_narrow ? fast->attend_bf16 : fast->attend_f32)(q, group * width, first, positions, group, width,
                                                       (const void *const *)pages, 0, block, 0.3f, y, group * width);
    same(expected, y, values * sizeof *y, is_narrow ? "attend_bf16" : "attend_f32", width, positions);
    for (int p = 0; p < PAGES; p++) free(pages[p]);
    free(q), free(key), free(value), free(expected), free(y);
}

static void rows(const clq_kernels *oracle, const clq_kernels *fast) {
    size_t count = below(100);
    float *x = numbers(2 * count), *w = numbers(2 * count);
    float *expected = room(2 * count * sizeof *x), *y = room(2 * count * sizeof *x);
    const clq_kernels *versions[2] = {oracle, fast};
    float *results[2] = {expected, y}, sums[2];
    for (int v = 0; v < 2; v++) {
        memcpy(results[v], x, 2 * count * sizeof *x);
        versions[v]->rms_norm(x, w, 1e-6f, count, results[v]);
        versions[v]->add_rms_norm(results[v], w, w + count, 1e-6f, count, results[v] + count);
        versions[v]->rotate_halves(results[v], w, w + count, count);
        versions[v]->silu_multiply(results[v], w, 2 * count);
        versions[v]->add_f32(results[v], w, 2 * count);
        versions[v]->add_bf16(results[v], (const uint16_t *)x, count);
    }
    same(expected, y, 2 * count * sizeof *y, "rows", count, 1);
    for (int v = 0; v < 2; v++) {
        memcpy(results[v], x, 2 * count * sizeof *x);
        sums[v] = versions[v]->exp_sum(results[v], 3, 2 * count);
    }
    same(expected, y, 2 * count * sizeof *y, "exp_sum", count, 1);
    same(sums, sums + 1, sizeof *sums, "exp_sum's sum", count, 1);
    free(x), free(w), free(expected), free(y);
}

static void quantised(const clq_quantised_kernels *oracle, const clq_quantised_kernels *fast, int bits) {
    size_t inputs = below(600), count = below(80), outputs = below(50);
    size_t groups = (inputs + CLQ_GROUP - 1) / CLQ_GROUP, tiles = (outputs + CLQ_TILE - 1) / CLQ_TILE;
    size_t block_bytes = bits == 8 ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4;
    float *x = numbers(count * inputs), *w = numbers(outputs * inputs);
    uint8_t *packed = room(tiles * groups * block_bytes);
    for (size_t t = 0; t < tiles; t++) {
        size_t here = outputs - t * CLQ_TILE < CLQ_TILE ? outputs - t * CLQ_TILE : CLQ_TILE;
        (bits == 8 ? clq_pack_8 : clq_pack_4)(w + t * CLQ_TILE * inputs, inputs, here, packed + t * groups * block_bytes);
    }
    size_t bytes = clq_quantised_room(groups * count);
    void *expected_room = room(bytes), *quantised_room = room(bytes);
    clq_quantised_rows expected_rows = clq_quantised_rows_in(expected_room, groups * count);
    clq_quantised_rows quantised_rows = clq_quantised_rows_in(quantised_room, groups * count);
    for (size_t r = 0; r < count; r++) {
        oracle->quantise(x + r * inputs, inputs, clq_rows_from(expected_rows, r), count);
        fast->quantise(x + r * inputs, inputs, clq_rows_from(quantised_rows, r), count);
    }
    same(expected_room, quantised_room, bytes, "quantise", inputs, count);
    float *expected = numbers(count * outputs), *y = numbers(count * outputs);
    (bits == 8 ? oracle->linear_8 : oracle->linear_4)(expected_rows, count, count, packed, groups, outputs, expected,
                                                      outputs);
    (bits == 8 ? fast->linear_8 : fast->linear_4)(expected_rows, count, count, packed, groups, outputs, y, outputs);
    same(expected, y, count * outputs * sizeof *y, bits == 8 ? "linear_8" : "linear_4", inputs, count);
    size_t elements = (outputs + CLQ_GROUP - 1) / CLQ_GROUP * count, gated_bytes = clq_quantised_room(elements);
    void *expected_gated = room(gated_bytes), *gated = room(gated_bytes);
    (bits == 8 ? oracle->gated_8 : oracle->gated_4)(expected_rows, count, count, packed, packed, groups, outputs,
                                                    clq_quantised_rows_in(expected_gated, elements), count);
    (bits == 8 ? fast->gated_8 : fast->gated_4)(expected_rows, count, count, packed, packed, groups, outputs,
                                                clq_quantised_rows_in(gated, elements), count);
    same(expected_gated, gated, gated_bytes, bits == 8 ? "gated_8" : "gated_4", inputs, count);
    free(expected_gated), free(gated);
    free(x), free(w), free(packed), free(expected_room), free(quantised_room), free(expected), free(y);
}

int main(void) {
    int versions = 0;
    for (int set = 1; set < 8; set++) {
        const clq_kernels *fast = clq_kernels_for(set);
        const clq_quantised_kernels *fast_quantised = clq_quantised_kernels_for(set);
        if (!fast || !fast_quantised) continue;
        versions++;
        srand(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            layers(clq_kernels_for(0), fast);
            attention(clq_attention_kernels_for(0), clq_attention_kernels_for(set), round % 2);
            rows(clq_kernels_for(0), fast);
            quantised(clq_quantised_kernels_for(0), fast_quantised, 8);
            quantised(clq_quantised_kernels_for(0), fast_quantised, 4);
        }
        printf("instruction set %d: %d rounds of seed %d, %s\n", set, ROUNDS, SEED,
               fast_quantised == clq_quantised_kernels_for(0) ? "quantised layers by the oracle" : "all by its own");
    }
    printf("%d versions, %d failures\n", versions, failures);
    return failures > 0 || versions == 0;
}
