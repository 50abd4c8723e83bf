// The text of the AMX version with its tile instructions in plain C: what tests run where there is no AMX. Slow.
#include "TilesEmulated.h"
#include "codec_products_versions.h"

#define NAMED(x) codec_emulated_##x
#define TILE_DOT_BF16(sums, a, b) add_products_bf16(sums, a, b)
#define TILE_DOT_INT8(sums, a, b) add_products_int8(sums, a, b, 0)
#define HAS_STAGES 0
#include "codec_products_amx.h"

const codec_bf16_panel codec_bf16_emulated = codec_emulated_bf16;
const codec_int8_panel codec_int8_emulated = codec_emulated_int8;
