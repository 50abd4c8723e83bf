// The finishing of rows. Included once per instruction set, with NAMED(x), the names, and HALVES(values, halves), which
// rounds CODEC_PANEL floats to bfloat16, defined; LEVELS may hold an attribute.

// The next row of what waits to be finished. All but the first are constants wherever this is inlined: what a row needs
// then stays in registers.
CODEC_INLINE void NAMED(row)(
    codec_finishing *it, const int gelu, const int half, const int adds, const int by_rows, const int by_outputs,
    const int is_whole) {
#pragma clang fp contract(fast)
    const codec_finished_panel *restrict panel = it->panel;
    const codec_finish *finish = panel->finish;
    const float *restrict sums = it->sums;
    const float share = by_rows ? finish->row_scales[it->row] : 1;
    float values[CODEC_PANEL] __attribute__((aligned(64)));
    CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o++) {
        float value = by_rows ? sums[o] * share : sums[o];
        value = (by_outputs ? value * panel->scales[o] : value) + panel->bias[o];
        if (gelu) value = half ? gelu_near(value) : gelu_of(value);
        values[o] = value;
    }
    size_t at = it->row * finish->y_stride + panel->first;
    if (half) {
        uint16_t halves[CODEC_PANEL] __attribute__((aligned(64))), *to = (uint16_t *)finish->y + at;
        if (is_whole) {
            HALVES(values, to);
        } else {
            HALVES(values, halves);
            memcpy(to, halves, panel->room * sizeof *halves);
        }
    } else {
        float *to = (float *)finish->y + at;
        const float *from = adds ? finish->addend + it->row * finish->addend_stride + panel->first : NULL;
        // What is added to has not been seen since the panel before.
        if (adds)
            CODEC_UNROLL for (int o = 0; o < CODEC_PANEL; o += 16)
                __builtin_prefetch(from + CODEC_ROWS_AHEAD * finish->addend_stride + o, 0, 3);
        if (adds && is_whole)
            for (int o = 0; o < CODEC_PANEL; o++) values[o] += from[o];
        else if (adds)
            for (size_t o = 0; o < panel->count; o++) values[o] += from[o];
        memcpy(to, values, is_whole ? sizeof values : panel->count * sizeof *values);
    }
    codec_row_done(it);
}

// The kinds that much time is spent on, of whole panels.
#define KIND(name, gelu, half, adds, by_rows, by_outputs)                                                              \
    LEVELS                                                                                                             \
    static void NAMED(name)(codec_aside *aside) {                                                                      \
        NAMED(row)((codec_finishing *)aside, gelu, half, adds, by_rows, by_outputs, 1);                                \
    }
KIND(half_row, 0, 1, 0, 0, 0)
KIND(scaled_half_row, 0, 1, 0, 0, 1)
KIND(gelu_row, 1, 1, 0, 0, 0)
KIND(scaled_gelu_row, 1, 1, 0, 0, 1)
KIND(added_row, 0, 0, 1, 0, 0)
KIND(scaled_added_row, 0, 0, 1, 0, 1)
KIND(plain_row, 0, 0, 0, 0, 0)
KIND(scaled_row, 0, 0, 0, 0, 1)
KIND(shared_row, 0, 0, 0, 1, 0)
#undef KIND

// Any kind, of any panel.
LEVELS
static void NAMED(any_row)(codec_aside *aside) {
    codec_finishing *it = (codec_finishing *)aside;
    const codec_finish *finish = it->panel->finish;
    const int adds = finish->addend != NULL;
#define ROW(gelu, half, by_rows, by_outputs) NAMED(row)(it, gelu, half, adds, by_rows, by_outputs, 0)
#define SCALES(gelu, half)                                                                                             \
    if (finish->row_scales && finish->output_scales)                                                                   \
        ROW(gelu, half, 1, 1);                                                                                         \
    else if (finish->row_scales)                                                                                       \
        ROW(gelu, half, 1, 0);                                                                                         \
    else if (finish->output_scales)                                                                                    \
        ROW(gelu, half, 0, 1);                                                                                         \
    else                                                                                                               \
        ROW(gelu, half, 0, 0);
    if (finish->half && finish->gelu) {
        SCALES(1, 1)
    } else if (finish->half) {
        SCALES(0, 1)
    } else if (finish->gelu) {
        SCALES(1, 0)
    } else {
        SCALES(0, 0)
    }
#undef SCALES
#undef ROW
}

// What finishes the rows of a panel.
static codec_piece NAMED(piece)(const codec_finished_panel *panel) {
    const codec_finish *finish = panel->finish;
    int scales = finish->output_scales != NULL;
    if (panel->count < CODEC_PANEL || (finish->half && panel->room < CODEC_PANEL)) return NAMED(any_row);
    if (finish->row_scales)
        return scales || finish->half || finish->gelu || finish->addend ? NAMED(any_row) : NAMED(shared_row);
    if (finish->half && finish->gelu) return scales ? NAMED(scaled_gelu_row) : NAMED(gelu_row);
    if (finish->half) return scales ? NAMED(scaled_half_row) : NAMED(half_row);
    if (finish->gelu) return NAMED(any_row);
    if (finish->addend) return scales ? NAMED(scaled_added_row) : NAMED(added_row);
    return scales ? NAMED(scaled_row) : NAMED(plain_row);
}
#undef NAMED
#undef HALVES
#undef SUM
#undef LEVELS
