// How a token's key and value get into their page.
#include <string.h>

#include "attention.h"

/// The nearest bfloat16, ties to even, of those that are kept: 0 instead of the smallest, the largest number instead of
/// what is none.
static inline uint16_t narrowed(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, size = ((bits & 0x7FFFFFFF) + 0x7FFF + (bits >> 16 & 1)) >> 16;
    size = size < CLQ_BF16_LEAST ? 0 : size;
    return (uint16_t)(sign | (size < CLQ_BF16_MOST ? size : CLQ_BF16_MOST));
}

/// Whatever the CPU has for this: numbers become what they become one by one.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
static void narrow(const float *from, size_t count, uint16_t *to) {
    for (size_t i = 0; i < count; i++) to[i] = narrowed(from[i]);
}

void clq_store_f32(const float *key, const float *value, size_t width, size_t row, void *keys, void *values) {
    float *column = (float *)keys + row;
    for (size_t i = 0; i < width; i++) column[i * CLQ_PAGE_ROWS] = key[i];
    memcpy((float *)values + row * width, value, width * sizeof *value);
}

void clq_store_bf16(const float *key, const float *value, size_t width, size_t row, void *keys, void *values) {
    uint16_t narrow_key[CLQ_HEAD_WIDTH_MAX], narrow_value[CLQ_HEAD_WIDTH_MAX];
    narrow(key, width, narrow_key);
    narrow(value, width, narrow_value);
    uint16_t *pair = (uint16_t *)keys + clq_bf16_key(row, 0, width);
    for (size_t i = 0; i < width; i += 2, pair += 2 * CLQ_PAIRS) memcpy(pair, narrow_key + i, 2 * sizeof *pair);
    uint16_t *element = (uint16_t *)values + clq_bf16_value(row, 0, width);
    for (size_t i = 0; i < width; i++) element[2 * i] = narrow_value[i];
}
