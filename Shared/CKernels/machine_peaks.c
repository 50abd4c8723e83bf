// Peaks of products of bytes and of bfloat16: loops on registers alone, with the instructions that the kernels multiply
// with. A compiler must not see that the products of a round are those of the round before, hence HIDE, and assembly for
// the tiles.
#include "machine_probes.h"

#include "DotProducts.h"
#include "TileConfiguration.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Sums that are under way at once: two units, up to six steps each.
enum { CHAINS = 12 };

#define CHAIN _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++)

#if defined(__x86_64__)
#define HIDE(x) __asm__ volatile("" : "+x"(x))

__attribute__((target("avx2"))) static size_t bytes_avx2(size_t rounds, int32_t *sum) {
    // Fewer sums than elsewhere: a sum waits for one addition only, and there are 16 registers.
    enum { FEW = 8 };
    __m256i sums[FEW], rows = _mm256_set1_epi8(3), columns = _mm256_set1_epi8(-2), ones = _mm256_set1_epi16(1);
    for (int chain = 0; chain < FEW; chain++) sums[chain] = _mm256_set1_epi32(chain);
    for (size_t round = 0; round < rounds; round++) {
        _Pragma("clang loop unroll(full)") for (int chain = 0; chain < FEW; chain++) {
            HIDE(rows);
            __m256i pairs = _mm256_maddubs_epi16(rows, columns);
            sums[chain] = _mm256_add_epi32(sums[chain], _mm256_madd_epi16(pairs, ones));
        }
    }
    *sum = 0;
    for (int chain = 0; chain < FEW; chain++) *sum ^= _mm256_extract_epi32(sums[chain], 0);
    return FEW * 32;
}

__attribute__((target("avx512f,avx512vnni"))) static size_t bytes_vnni(size_t rounds, int32_t *sum) {
    __m512i sums[CHAINS], rows = _mm512_set1_epi32(0x03030303), columns = _mm512_set1_epi32(0x02020202);
    CHAIN sums[chain] = _mm512_set1_epi32(chain);
    for (size_t round = 0; round < rounds; round++) CHAIN sums[chain] = _mm512_dpbusd_epi32(sums[chain], rows, columns);
    *sum = 0;
    CHAIN *sum ^= _mm_cvtsi128_si32(_mm512_castsi512_si128(sums[chain]));
    return CHAINS * 64;
}

__attribute__((target("avx512f,avx512bf16"))) static size_t halves_avx512(size_t rounds, float *sum) {
    // 0.5 and 0.5 with 0.5 and -0.5: the two products of a sum are each other's opposite, so that none grows.
    __m512 sums[CHAINS];
    __m512bh rows = (__m512bh)_mm512_set1_epi32(0x3F003F00), columns = (__m512bh)_mm512_set1_epi32((int32_t)0xBF003F00);
    CHAIN sums[chain] = _mm512_set1_ps((float)chain);
    for (size_t round = 0; round < rounds; round++) CHAIN sums[chain] = _mm512_dpbf16_ps(sums[chain], rows, columns);
    *sum = 0;
    CHAIN *sum += sums[chain][0];
    return CHAINS * 32;
}

/// Six tiles of sums; tiles 6 and 7, which are multiplied, hold `word` everywhere. The tiles are full, and begin as zeros.
#define TILE_LOOP(INSTRUCTION, word)                                                                                   \
    tile_configuration shapes = {.palette = 1};                                                                        \
    for (int tile = 0; tile < 8; tile++) shapes.row_bytes[tile] = 64, shapes.rows[tile] = 16;                          \
    uint32_t words[256];                                                                                               \
    for (int place = 0; place < 256; place++) words[place] = word;                                                     \
    __asm__ volatile("ldtilecfg %0" ::"m"(shapes) : "memory");                                                         \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm6\n\ttileloadd (%0,%1,1), %%tmm7" ::"r"(words), "r"((size_t)64)       \
                     : "memory");                                                                                      \
    for (size_t round = 0; round < rounds; round++)                                                                    \
        __asm__ volatile(INSTRUCTION " %%tmm7, %%tmm6, %%tmm0\n\t" INSTRUCTION " %%tmm7, %%tmm6, %%tmm1\n\t"           \
                         INSTRUCTION " %%tmm7, %%tmm6, %%tmm2\n\t" INSTRUCTION " %%tmm7, %%tmm6, %%tmm3\n\t"           \
                         INSTRUCTION " %%tmm7, %%tmm6, %%tmm4\n\t" INSTRUCTION " %%tmm7, %%tmm6, %%tmm5" ::            \
                             : "memory");                                                                              \
    __asm__ volatile("tilestored %%tmm5, (%0,%1,1)\n\ttilerelease" ::"r"(words), "r"((size_t)64) : "memory")

static size_t bytes_tiles(size_t rounds, int32_t *sum) {
    TILE_LOOP("tdpbssd", 0x03020302);
    *sum = (int32_t)words[0];
    return 6 * 16 * 16 * 64;
}

static size_t halves_tiles(size_t rounds, float *sum) {
    TILE_LOOP("tdpbf16ps", 0); // zeros take as long, and no sum of them grows
    *sum = (float)words[0];
    return 6 * 16 * 16 * 32;
}
#elif defined(__aarch64__) && defined(__ARM_NEON)
__attribute__((target("arch=armv8.2-a+dotprod"))) static size_t bytes_neon(size_t rounds, int32_t *sum) {
    int8x16_t rows = vdupq_n_s8(3), columns = vdupq_n_s8(2);
    int32x4_t sums[CHAINS];
    CHAIN sums[chain] = vdupq_n_s32(chain);
    for (size_t round = 0; round < rounds; round++)
        CHAIN {
            __asm__ volatile("" : "+w"(rows));
            sums[chain] = vdotq_s32(sums[chain], rows, columns);
        }
    *sum = 0;
    CHAIN *sum ^= vgetq_lane_s32(sums[chain], 0);
    return CHAINS * 16;
}
#endif

size_t probe_byte_multiply_adds(int instruction_set, size_t rounds, int32_t *sum) {
    *sum = 0;
#if defined(__x86_64__)
    if (instruction_set == 4) return bytes_tiles(rounds, sum);
    if (instruction_set == 3) return bytes_vnni(rounds, sum);
    if (instruction_set == 1 || instruction_set == 2) return bytes_avx2(rounds, sum);
#elif defined(__aarch64__) && defined(__ARM_NEON)
    if (instruction_set == 5 && has_dot_products()) return bytes_neon(rounds, sum);
#endif
    (void)instruction_set, (void)rounds;
    return 0;
}

size_t probe_bfloat16_multiply_adds(int instruction_set, size_t rounds, float *sum) {
    *sum = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (instruction_set == 4 && __builtin_cpu_supports("amx-bf16")) return halves_tiles(rounds, sum);
    if (instruction_set >= 2 && instruction_set <= 4 && __builtin_cpu_supports("avx512bf16"))
        return halves_avx512(rounds, sum);
#endif
    (void)instruction_set, (void)rounds;
    return 0;
}
