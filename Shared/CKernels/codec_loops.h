// What the codec's element-wise kernels share.
//
// They are plain loops that the compiler turns into vectors, compiled for several x86 levels (CODEC_LEVELS), of which
// the loader picks the best; other machines get them once. Sums keep LANES partial sums and join them in one fixed order,
// so that a row's result depends on that row alone.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define CODEC_LEVELS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CODEC_LEVELS
#endif

#define CODEC_INLINE static inline __attribute__((always_inline))

enum { LANES = 16 };

// LANES numbers as one value, which compilers keep in registers. Not to be passed: how would depend on the level.
typedef float codec_lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t codec_int_lanes __attribute__((vector_size(4 * LANES)));

CODEC_INLINE float sum_of_lanes(float *part) {
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++) part[lane] += part[lane + width];
    return part[0];
}

CODEC_INLINE float max_of_lanes(float *part) {
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++)
            part[lane] = part[lane] > part[lane + width] ? part[lane] : part[lane + width];
    return part[0];
}

CODEC_INLINE int32_t bits_of(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

CODEC_INLINE float float_of(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// e^x for x <= 88 to 2e-7 of its value; x below -87 counts as -87.
CODEC_INLINE float exp_of(float x) {
#pragma clang fp contract(fast)
    x = x > -87.0f ? x : -87.0f;
    // n = round(x / ln 2), by adding 1.5 * 2^23; the remainder in two steps, as ln 2 has too few bits in one float.
    const float magic = 12582912.0f;
    float shifted = x * 1.44269504f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    // Taylor to the seventh order: |r| <= 0.3466, so the remainder is below 1e-8.
    float p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return p * float_of((bits_of(shifted) - bits_of(magic) + 127) << 23);
}

// erf(x) to 4e-7 of its value: x times a ratio of two polynomials in x^2, fitted on |x| <= 4 (where erf is 1 in float) by
// weighted least squares until the relative error was level, 2.5e-8 before rounding.
CODEC_INLINE float erf_of(float x) {
#pragma clang fp contract(fast)
    x = x < 4.0f ? x : 4.0f;
    x = x > -4.0f ? x : -4.0f;
    float u = x * x;
    float above = u * 1.9868391518684803e-06f + 2.845551061909646e-4f;
    above = above * u + 3.8829233963042498e-3f;
    above = above * u + 5.310044437646866e-2f;
    above = above * u + 0.1935354471206665f;
    above = above * u + 1.1283791065216064f;
    float below = u * 3.742019907804206e-05f + 1.1854666518047452e-3f;
    below = below * u + 1.5206410549581051e-2f;
    below = below * u + 0.11534599959850311f;
    below = below * u + 0.5048488974571228f;
    below = below * u + 1.0f;
    float ratio = x * above / below;
    ratio = ratio < 1.0f ? ratio : 1.0f;
    return ratio > -1.0f ? ratio : -1.0f;
}
