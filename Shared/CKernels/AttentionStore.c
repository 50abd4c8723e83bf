// How a token's key and value get into their page.
#include <string.h>

#include "attention.h"

/// The nearest bfloat16, ties to even. A NaN stays one: its payload may round to nothing, so a bit of it is set.
static uint16_t narrowed(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void clq_store_f32(const float *key, const float *value, size_t width, size_t row, void *keys, void *values) {
    float *column = (float *)keys + row;
    for (size_t i = 0; i < width; i++) column[i * CLQ_PAGE_ROWS] = key[i];
    memcpy((float *)values + row * width, value, width * sizeof *value);
}

void clq_store_bf16(const float *key, const float *value, size_t width, size_t row, void *keys, void *values) {
    uint16_t *column = (uint16_t *)keys + row, *line = (uint16_t *)values + row * width;
    for (size_t i = 0; i < width; i++) column[i * CLQ_PAGE_ROWS] = narrowed(key[i]);
    for (size_t i = 0; i < width; i++) line[i] = narrowed(value[i]);
}
