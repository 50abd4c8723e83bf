// The finishing of rows. Included once per instruction set, with NAMED(x), the names, and HALVES(values, halves), which
// rounds CODEC_PANEL floats to bfloat16, defined; LEVELS may hold an attribute.

// One row of a panel's sums, [CODEC_PANEL] all. The kinds are constants wherever this is inlined.
CODEC_INLINE void NAMED(finish)(
    const int gelu, const int half, const int by_rows, const int by_outputs, const float *restrict sums, float share,
    const float *restrict scales, const float *restrict bias, float *restrict values) {
#pragma clang fp contract(fast)
    for (int o = 0; o < CODEC_PANEL; o++) {
        float value = by_rows ? sums[o] * share : sums[o];
        value = (by_outputs ? value * scales[o] : value) + bias[o];
        if (gelu) value = half ? gelu_near(value) : gelu_of(value);
        values[o] = value;
    }
}

// The next row of what waits to be finished, into `values`.
CODEC_INLINE void NAMED(values)(const codec_finishing *it, const int gelu, const int half, float *restrict values) {
    const codec_finished_panel *panel = it->panel;
    const float *row_scales = panel->finish->row_scales;
    if (row_scales && panel->finish->output_scales)
        NAMED(finish)(gelu, half, 1, 1, it->sums, row_scales[it->row], panel->scales, panel->bias, values);
    else if (row_scales)
        NAMED(finish)(gelu, half, 1, 0, it->sums, row_scales[it->row], panel->scales, panel->bias, values);
    else if (panel->finish->output_scales)
        NAMED(finish)(gelu, half, 0, 1, it->sums, 1, panel->scales, panel->bias, values);
    else
        NAMED(finish)(gelu, half, 0, 0, it->sums, 1, panel->scales, panel->bias, values);
}

LEVELS
static void NAMED(next_row)(codec_aside *aside) {
    codec_finishing *it = (codec_finishing *)aside;
    const codec_finished_panel *panel = it->panel;
    const codec_finish *finish = panel->finish;
    float values[CODEC_PANEL] __attribute__((aligned(64)));
    size_t at = it->row * finish->y_stride + panel->first;
    if (finish->half) {
        if (finish->gelu)
            NAMED(values)(it, 1, 1, values);
        else
            NAMED(values)(it, 0, 1, values);
        uint16_t halves[CODEC_PANEL] __attribute__((aligned(64))), *to = (uint16_t *)finish->y + at;
        if (panel->room == CODEC_PANEL) {
            HALVES(values, to);
        } else {
            HALVES(values, halves);
            memcpy(to, halves, panel->room * sizeof *halves);
        }
    } else {
        float *to = (float *)finish->y + at;
        // What is added to has not been seen since the panel before.
        if (finish->add)
            CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o += 16)
                __builtin_prefetch(to + CODEC_ROWS_AHEAD * finish->y_stride + o, 1, 3);
        if (finish->gelu)
            NAMED(values)(it, 1, 0, values);
        else
            NAMED(values)(it, 0, 0, values);
        if (finish->add && panel->count == CODEC_PANEL)
            for (int o = 0; o < CODEC_PANEL; o++) to[o] += values[o];
        else if (finish->add)
            for (size_t o = 0; o < panel->count; o++) to[o] += values[o];
        else
            memcpy(to, values, panel->count * sizeof *values);
    }
    it->sums += CODEC_PANEL;
    it->row++;
    aside->left--;
    size_t lines = it->ahead_pace < it->ahead_lines ? it->ahead_pace : it->ahead_lines;
    for (size_t line = 0; line < lines; line++) __builtin_prefetch(it->ahead + 64 * line, 0, 2);
    it->ahead += 64 * lines;
    it->ahead_lines -= lines;
}
#undef NAMED
#undef HALVES
#undef LEVELS
