#include "codec_finish.h"

#include "codec_gelu.h"
#include "codec_halves.h"

#define CODEC_TEXT "codec_finish_rows.h"
#include "codec_rounding_versions.h"

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
    panel->piece = CODEC_CHOSEN(piece)(panel);
    panel->kind = finish->output_scales ? CODEC_SCALED_GELU_ROWS : CODEC_GELU_ROWS;
    int is_known = finish->half && finish->gelu && !finish->row_scales;
    if (!is_known || count < CODEC_PANEL || panel->room < CODEC_PANEL) panel->kind = CODEC_UNKNOWN;
}

codec_finishing codec_finishing_of(const codec_finished_panel *panel, const float *sums, size_t row, size_t rows) {
    return (codec_finishing){
        .aside = {.piece = panel->piece, .left = rows, .kind = panel->kind}, .panel = panel, .sums = sums, .row = row};
}
