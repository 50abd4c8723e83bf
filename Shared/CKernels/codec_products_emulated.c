// The text of the AMX version with its tile instructions in plain C: what tests run where there is no AMX. Slow.
#include "codec_products_versions.h"

typedef struct tile {
    size_t rows;
    uint8_t bytes[16][64];
} tile;

typedef struct tiles {
    tile at[8];
} tiles;

static _Thread_local tiles unit;

static void configure(size_t upper, size_t lower) {
    memset(&unit, 0, sizeof unit);
    for (int t = 0; t < 8; t++) unit.at[t].rows = t < 2 || t == 4 ? upper : t < 6 ? lower : 16;
}

static void load(int t, const void *address, size_t stride) {
    for (size_t row = 0; row < unit.at[t].rows; row++)
        memcpy(unit.at[t].bytes[row], (const char *)address + row * stride, 64);
}

static void store(int t, void *address, size_t stride) {
    for (size_t row = 0; row < unit.at[t].rows; row++)
        memcpy((char *)address + row * stride, unit.at[t].bytes[row], 64);
}

// Even and odd inputs are summed apart and then joined, as TDPBF16PS does.
static void dot_bf16(int sums, int a, int b) {
    for (size_t row = 0; row < unit.at[sums].rows; row++)
        for (size_t o = 0; o < 16; o++) {
            float even = 0, odd = 0, sum;
            for (size_t i = 0; i < 16; i++) {
                uint16_t value[2], weight[2];
                memcpy(value, unit.at[a].bytes[row] + 4 * i, sizeof value);
                memcpy(weight, unit.at[b].bytes[i] + 4 * o, sizeof weight);
                even = __builtin_fmaf(codec_widened(value[0]), codec_widened(weight[0]), even);
                odd = __builtin_fmaf(codec_widened(value[1]), codec_widened(weight[1]), odd);
            }
            memcpy(&sum, unit.at[sums].bytes[row] + 4 * o, sizeof sum);
            sum += even + odd;
            memcpy(unit.at[sums].bytes[row] + 4 * o, &sum, sizeof sum);
        }
}

static void dot_int8(int sums, int a, int b) {
    for (size_t row = 0; row < unit.at[sums].rows; row++)
        for (size_t o = 0; o < 16; o++) {
            int32_t sum;
            memcpy(&sum, unit.at[sums].bytes[row] + 4 * o, sizeof sum);
            for (size_t i = 0; i < 16; i++)
                for (size_t n = 0; n < 4; n++)
                    sum += unit.at[a].bytes[row][4 * i + n] * (int8_t)unit.at[b].bytes[i][4 * o + n];
            memcpy(unit.at[sums].bytes[row] + 4 * o, &sum, sizeof sum);
        }
}

// Tiles that are not configured have no rows, so that a forgotten configuration gives wrong sums.
#define NAMED(x) codec_emulated_##x
#define TILE_CONFIGURE(upper, lower) configure(upper, lower)
#define TILE_ZERO(t) memset(unit.at[t].bytes, 0, sizeof unit.at[t].bytes)
#define TILE_LOAD(t, address, stride) load(t, address, stride)
#define TILE_STORE(t, address, stride) store(t, address, stride)
#define TILE_DOT_BF16(sums, a, b) dot_bf16(sums, a, b)
#define TILE_DOT_INT8(sums, a, b) dot_int8(sums, a, b)
#define TILE_RELEASE() memset(&unit, 0, sizeof unit)
#define HAS_STAGES 0
#include "codec_products_amx.h"

const codec_bf16_panel codec_bf16_emulated = codec_emulated_bf16;
const codec_int8_panel codec_int8_emulated = codec_emulated_int8;
