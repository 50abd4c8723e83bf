// Includes CODEC_TEXT, which rounds a lot, once in plain C and once for CPUs that round with an instruction (codec_halves.h).
// The text has NAMED(x), the names, HALVES(values, halves), which rounds CODEC_PANEL floats, SUM(halves, sums), which adds
// as many to LANES sums, and LEVELS, an attribute or nothing, and undefines them. CODEC_CHOSEN(x) is the version of x for
// this CPU.
#define NAMED(x) codec_plain_##x
#define HALVES(values, halves) codec_round_panel(values, halves)
#define SUM(halves, sums) codec_sum_panel(halves, sums)
#define LEVELS CODEC_LEVELS
#include CODEC_TEXT

#if defined(__x86_64__)
CODEC_ROUNDING_BEGIN
#define NAMED(x) codec_rounding_##x
#define HALVES(values, halves) codec_round_panel_at_once(values, halves)
#define SUM(halves, sums) codec_sum_panel_at_once(halves, sums)
#define LEVELS
#include CODEC_TEXT
CODEC_ROUNDING_END
#define CODEC_CHOSEN(x) (codec_rounds_at_once() ? codec_rounding_##x : codec_plain_##x)
#else
#define CODEC_CHOSEN(x) codec_plain_##x
#endif
#undef CODEC_TEXT
