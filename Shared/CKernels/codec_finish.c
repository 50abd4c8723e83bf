#include "codec_finish.h"

#include "codec_gelu.h"
#include "codec_halves.h"

#define NAMED(x) codec_plain_##x
#define HALVES(values, halves) codec_round_panel(values, halves)
#define LEVELS CODEC_LEVELS
#include "codec_finish_rows.h"

#if defined(__x86_64__)
CODEC_ROUNDING_BEGIN
#define NAMED(x) codec_rounding_##x
#define HALVES(values, halves) codec_round_panel_at_once(values, halves)
#define LEVELS
#include "codec_finish_rows.h"
CODEC_ROUNDING_END
#endif

static void (*next_row(void))(codec_aside *aside) {
#if defined(__x86_64__)
    if (codec_rounds_at_once()) return codec_rounding_next_row;
#endif
    return codec_plain_next_row;
}

void codec_set_finished_panel(codec_finished_panel *panel, const codec_finish *finish, size_t first, size_t outputs) {
    size_t count = outputs - first < CODEC_PANEL ? outputs - first : CODEC_PANEL;
    size_t room = finish->half ? finish->y_filled - first : count;
    panel->finish = finish;
    panel->first = first;
    panel->count = count;
    panel->room = room < CODEC_PANEL ? room : CODEC_PANEL;
    // Missing outputs have sums of zero and no bias, so they stay zeros.
    for (size_t o = 0; o < CODEC_PANEL; o++) panel->scales[o] = 1, panel->bias[o] = 0;
    if (finish->output_scales) memcpy(panel->scales, finish->output_scales + first, count * sizeof(float));
    if (finish->bias) memcpy(panel->bias, finish->bias + first, count * sizeof(float));
}

codec_finishing codec_finishing_of(const codec_finished_panel *panel, const float *sums, size_t row, size_t rows) {
    return (codec_finishing){.aside = {.piece = next_row(), .left = rows}, .panel = panel, .sums = sums, .row = row};
}
