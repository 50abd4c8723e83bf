// What becomes of the sums of a product: scales, bias, GELU, rounding; done bit by bit, beside the products that follow.
#pragma once

#include "codec_products.h"

typedef void (*codec_piece)(codec_aside *aside);

/// What is the same for all rows of a panel.
typedef struct codec_finished_panel {
    const codec_finish *finish;
    /// The panel's first output, how many outputs there are, and how many elements of y they fill.
    size_t first, count, room;
    float scales[CODEC_PANEL], bias[CODEC_PANEL];
    /// Finishes a row; what kind of work that is.
    codec_piece piece;
    int kind;
} codec_finished_panel;

/// Rows by which what a row is added to is asked for.
enum { CODEC_ROWS_AHEAD = 4 };

typedef struct codec_finishing {
    /// A piece is a row.
    codec_aside aside;
    const codec_finished_panel *panel;
    /// The next row's sums, and its number.
    const float *sums;
    size_t row;
    /// Lines that the next panel's weights have left to be asked for, and how many a piece asks for.
    const char *ahead;
    size_t ahead_lines, ahead_pace;
} codec_finishing;

/// Sets a panel whose first output is `first` of `outputs`.
void codec_set_finished_panel(codec_finished_panel *panel, const codec_finish *finish, size_t first, size_t outputs);

/// Makes `rows` rows of sums ready to be finished, from number `row` on. Both that are pointed to must stay.
codec_finishing codec_finishing_of(const codec_finished_panel *panel, const float *sums, size_t row, size_t rows);

/// Goes on to the next row, and asks for some lines of the weights to come.
static inline __attribute__((always_inline)) void codec_row_done(codec_finishing *it) {
    it->sums += CODEC_PANEL;
    it->row++;
    it->aside.left--;
    size_t lines = it->ahead_pace < it->ahead_lines ? it->ahead_pace : it->ahead_lines;
    for (size_t line = 0; line < lines; line++) __builtin_prefetch(it->ahead + 64 * line, 0, 2);
    it->ahead += 64 * lines;
    it->ahead_lines -= lines;
}

/// Does what is left of some work.
static inline void codec_aside_rest(codec_aside *aside) {
    while (aside->left > 0) aside->piece(aside);
}
