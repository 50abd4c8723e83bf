// 16 float lanes: the unit of every sum. The compiler makes one 512-bit or two 256-bit registers of them.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "Exponential.h"

enum { LANES = 16 };

typedef float lanes_f32 __attribute__((vector_size(64)));
typedef int32_t lanes_i32 __attribute__((vector_size(64)));
typedef uint32_t lanes_u32 __attribute__((vector_size(64)));
typedef uint16_t lanes_u16 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes_f32 load(const float *p) {
    lanes_f32 v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, lanes_f32 v) { memcpy(p, &v, sizeof v); }

INLINE lanes_f32 all(float value) {
    return (lanes_f32){value, value, value, value, value, value, value, value,
                       value, value, value, value, value, value, value, value};
}

INLINE lanes_f32 load_bf16(const uint16_t *p) {
    lanes_u16 v;
    memcpy(&v, p, sizeof v);
    return (lanes_f32)(__builtin_convertvector(v, lanes_u32) << 16);
}

/// The first `count` lanes from memory, the others as given.
INLINE lanes_f32 load_part(const float *p, size_t count, float others) {
    lanes_f32 v = all(others);
    memcpy(&v, p, count * sizeof *p);
    return v;
}

INLINE lanes_f32 load_part_f32(const float *p, size_t count) { return load_part(p, count, 0); }

INLINE lanes_f32 load_part_bf16(const uint16_t *p, size_t count) {
    uint16_t padded[LANES] = {0};
    memcpy(padded, p, count * sizeof *p);
    return load_bf16(padded);
}

INLINE void store_part(float *p, lanes_f32 v, size_t count) { memcpy(p, &v, count * sizeof *p); }

INLINE lanes_f32 fma_lanes(lanes_f32 a, lanes_f32 b, lanes_f32 c) { return __builtin_elementwise_fma(a, b, c); }

INLINE lanes_f32 choose(lanes_i32 mask, lanes_f32 yes, lanes_f32 no) {
    return (lanes_f32)(((lanes_i32)yes & mask) | ((lanes_i32)no & ~mask));
}

INLINE float folded(lanes_f32 v) {
    typedef float half_f32 __attribute__((vector_size(32)));
    typedef float quarter_f32 __attribute__((vector_size(16)));
    half_f32 eight = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                     __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    quarter_f32 four =
        __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    quarter_f32 two = four + __builtin_shufflevector(four, four, 2, 3, 2, 3);
    return two[0] + two[1];
}

INLINE lanes_f32 exponential(lanes_f32 x) {
    lanes_i32 vanished = x < all(EXP_LOWEST);
    x = choose(x > all(EXP_HIGHEST), all(EXP_HIGHEST), x);
    lanes_f32 n = __builtin_elementwise_rint(x * all(EXP_LOG2_E));
    lanes_i32 usable = (n >= all(-126)) & (n <= all(127)); // not NaN
    lanes_f32 r = fma_lanes(n, all(-EXP_LN2_HIGH), x);
    r = fma_lanes(n, all(-EXP_LN2_LOW), r);
    lanes_f32 p = all(EXP_C0);
    p = fma_lanes(p, r, all(EXP_C1));
    p = fma_lanes(p, r, all(EXP_C2));
    p = fma_lanes(p, r, all(EXP_C3));
    p = fma_lanes(p, r, all(EXP_C4));
    p = fma_lanes(p, r, all(EXP_C5));
    p = fma_lanes(p, r * r, r) + all(1.0f);
    lanes_i32 exponents = __builtin_convertvector(choose(usable, n, all(0)), lanes_i32);
    lanes_f32 power = (lanes_f32)((exponents + 127) << 23);
    return choose(vanished, all(0), choose(usable, p * power, p));
}

INLINE lanes_f32 silu(lanes_f32 x) { return x / (all(1.0f) + exponential(-x)); }

/// gate = silu(gate) * up.
INLINE void gate_row(float *gate, const float *up, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(gate + i, silu(load(gate + i)) * load(up + i));
    if (i < count)
        store_part(gate + i, silu(load_part(gate + i, count - i, 0)) * load_part(up + i, count - i, 0), count - i);
}
