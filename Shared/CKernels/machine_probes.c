#include "machine_probes.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Multiply-adds that are under way at once: two units, four steps each, and some to spare.
enum { CHAINS = 12 };

typedef uint64_t line_of_words __attribute__((vector_size(64)));

#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
uint64_t probe_read(const void *start, size_t bytes) {
    const line_of_words *lines = start;
    size_t count = bytes / sizeof *lines, quarter = count / 4;
    line_of_words parts[4] = {{0}};
    // Four stretches side by side, as a layer's kernel reads the rows of its weights: one alone leaves memory idle.
    for (size_t at = 0; at < quarter; at++)
        for (size_t part = 0; part < 4; part++) parts[part] ^= lines[part * quarter + at];
    for (size_t at = 4 * quarter; at < count; at++) parts[0] ^= lines[at];
    line_of_words all = parts[0] ^ parts[1] ^ parts[2] ^ parts[3];
    uint64_t word = 0;
    for (int place = 0; place < 8; place++) word ^= all[place];
    return word;
}

// Sums that shrink towards a fixed point, so that no number grows, vanishes or becomes denormal.
#define CHAIN_LOOP(VECTOR, SET, FMA)                                                   \
    VECTOR sums[CHAINS], factor = SET(0.5f), term = SET(0.25f);                        \
    for (int chain = 0; chain < CHAINS; chain++) sums[chain] = SET((float)chain);      \
    for (size_t round = 0; round < rounds; round++) {                                  \
        _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++) \
            sums[chain] = FMA(sums[chain], factor, term);                              \
    }

#define SAME(x) (x)

static size_t scalar(size_t rounds, float *sum) {
    CHAIN_LOOP(float, SAME, fmaf)
    *sum = 0;
    for (int chain = 0; chain < CHAINS; chain++) *sum += sums[chain];
    return CHAINS;
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static size_t avx2(size_t rounds, float *sum) {
    CHAIN_LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps)
    *sum = 0;
    for (int chain = 0; chain < CHAINS; chain++) *sum += sums[chain][0];
    return CHAINS * 8;
}

__attribute__((target("avx512f"))) static size_t avx512(size_t rounds, float *sum) {
    CHAIN_LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps)
    *sum = 0;
    for (int chain = 0; chain < CHAINS; chain++) *sum += sums[chain][0];
    return CHAINS * 16;
}
#elif defined(__aarch64__)
#define NEON_FMA(sum, factor, term) vfmaq_f32(term, sum, factor)

static size_t neon(size_t rounds, float *sum) {
    CHAIN_LOOP(float32x4_t, vdupq_n_f32, NEON_FMA)
    *sum = 0;
    for (int chain = 0; chain < CHAINS; chain++) *sum += sums[chain][0];
    return CHAINS * 4;
}
#endif

size_t probe_multiply_adds(int instruction_set, size_t rounds, float *sum) {
#if defined(__x86_64__)
    if (instruction_set >= 2) return avx512(rounds, sum);
    if (instruction_set == 1) return avx2(rounds, sum);
#elif defined(__aarch64__)
    if (instruction_set == 5) return neon(rounds, sum);
#endif
    (void)instruction_set;
    return scalar(rounds, sum);
}
