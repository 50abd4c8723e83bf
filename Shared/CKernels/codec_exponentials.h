// The exponentials of attention. Included once per instruction set, with NAMED(x), the names, HALVES(values, halves), which
// rounds CODEC_PANEL floats to bfloat16, and SUM(halves, sums), which adds as many, defined; LEVELS may hold an attribute.

// 2^x for x <= 0 to 8e-5 of its value, for results that are rounded to bfloat16; x below -125.5 counts as that. The
// polynomial was fitted on |r| <= 1/2 by weighted least squares until the relative error was level.
CODEC_INLINE float NAMED(power_of_two)(float power) {
#pragma clang fp contract(fast)
    const float magic = 12582912.0f;
    power = power > -125.5f ? power : -125.5f;
    // The nearest whole power in the lowest bits; the remainder is at most a half.
    float shifted = power + magic;
    float r = power - (shifted - magic);
    float p = r * 0.05517167f + 0.24261113f;
    p = p * r + 0.69326099f;
    p = p * r + 0.99992807f;
    return float_of(bits_of(p) + (int32_t)((uint32_t)bits_of(shifted) << 23));
}

// The exponentials of a row's scores above `top`, the greatest, in bfloat16, zeros behind them; returns one over their sum,
// which is that of the rounded values, so that the shares that are used add up to one.
//
// scores: 64 of them, then those of the same row in the next panel, `panel_stride` floats on.
LEVELS
static float NAMED(exponentials)(
    const float *scores, size_t panel_stride, size_t keys, float top, float scale, uint16_t *out, size_t filled) {
#pragma clang fp contract(fast)
    size_t panels = keys / CODEC_PANEL, rest = keys % CODEC_PANEL;
    const float factor = scale * 1.44269504f, highest = top * factor;
    float values[CODEC_PANEL] __attribute__((aligned(64))), sums[LANES] = {0};
    for (size_t p = 0; p < panels; p++) {
        const float *restrict from = scores + p * panel_stride;
        uint16_t *restrict to = out + p * CODEC_PANEL;
        for (int o = 0; o < CODEC_PANEL; o++) values[o] = NAMED(power_of_two)(from[o] * factor - highest);
        HALVES(values, to);
        SUM(to, sums);
    }
    const float *last = scores + panels * panel_stride;
    for (size_t o = 0; o < rest; o++) {
        uint16_t half = codec_rounded(NAMED(power_of_two)(last[o] * factor - highest));
        out[panels * CODEC_PANEL + o] = half;
        sums[o % LANES] += codec_widened(half);
    }
    for (size_t i = keys; i < filled; i++) out[i] = 0;
    return 1.0f / sum_of_lanes(sums);
}
#undef NAMED
#undef HALVES
#undef SUM
#undef LEVELS
