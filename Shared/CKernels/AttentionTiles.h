// The products of attention in bf16, with tiles, for whatever defines their instructions: AttentionAMX.c those of the CPU,
// AttentionAMXEmulated.c plain C that does the same. The including file has switched AVX-512 on, and has AttentionVector.h.
//
// A tile of rows holds 32 elements of 16 queries, or their weights of 32 keys; a tile of columns 16 pairs of elements of 16
// keys, or 16 pairs of keys' values in 16 columns, as they lie in their pages. More than 16 rows go in squares: 32 of them
// with 32 columns, so that each tile that is loaded serves two products. Up to 16, which may be the two of a group when one
// token attends, meet 64 columns at once, in tiles of no more rows than there are.
//
// Needs: TILES_BEGIN(configuration), TILES_END(), TILE_ZERO(c), TILE_LOAD(t, from, stride), TILE_STORE(t, to, stride),
// TILE_DOT(c, rows, columns), with the number of a tile written out.
#include "TileConfiguration.h"

enum {
    TILE_ROWS = 16,
    TILE_BYTES = 64, // of a row
    TILE_COLUMNS = 2 * CLQ_PAIRS, // elements of a row of columns, a pair each
};

/// What a pass works in.
typedef struct tile_work {
    uint16_t queries[CLQ_HEAD_WIDTH_MAX * BF16_ROWS]; // [steps of elements, rows, 32]
    uint16_t weights[BF16_SPAN * BF16_ROWS];          // [steps of keys, rows, 32]
    float sums[BF16_ROWS * 4 * LANES];
} tile_work;

/// Asks for what a tile will load.
INLINE void tile_ask(const uint16_t *from, size_t stride) {
    UNROLL for (size_t row = 0; row < TILE_ROWS; row++) __builtin_prefetch((const char *)from + row * stride, 0, 3);
}

/// 32 numbers that bf16 holds, in order.
INLINE void tile_narrow(uint16_t *to, lanes_f32 first, lanes_f32 second) {
    typedef uint16_t halves __attribute__((vector_size(64)));
    halves both = __builtin_shufflevector((halves)first, (halves)second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27,
                                          29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
    memcpy(to, &both, sizeof both);
}

INLINE void tile_take(bf16_rows *rows, size_t row, size_t step, lanes_f32 first, lanes_f32 second, void *work) {
    tile_narrow(((tile_work *)work)->weights + (step * rows->count + row) * BF16_STEP, first, second);
}

/// Gives 16 * `vectors` columns from `d` on, which stand in `sums`.
INLINE void tile_give(const int vectors, bf16_rows *rows, const bf16_span *span, size_t d, const float *sums) {
    for (size_t r = 0; r < rows->count; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            bf16_give(rows, span, r, d + v * LANES, load(sums + (r * vectors + v) * LANES));
}

// Squares: tiles 0 and 1 are the sums of the first 16 rows with 16 columns and 16 more, 2 and 3 those of the other rows, 4
// and 5 the rows, 6 and 7 the columns.

#define SUMS_ZERO()                                                                                                    \
    do {                                                                                                               \
        TILE_ZERO(0);                                                                                                  \
        TILE_ZERO(1);                                                                                                  \
        TILE_ZERO(2);                                                                                                  \
        TILE_ZERO(3);                                                                                                  \
    } while (0)

#define SQUARE(rows, left, right, stride)                                                                              \
    do {                                                                                                               \
        TILE_LOAD(4, rows, TILE_BYTES);                                                                                \
        TILE_LOAD(6, left, stride);                                                                                    \
        TILE_DOT(0, 4, 6);                                                                                             \
        TILE_LOAD(7, right, stride);                                                                                   \
        TILE_DOT(1, 4, 7);                                                                                             \
        TILE_LOAD(5, (rows) + TILE_ROWS * BF16_STEP, TILE_BYTES);                                                      \
        TILE_DOT(2, 5, 6);                                                                                             \
        TILE_DOT(3, 5, 7);                                                                                             \
    } while (0)

static void square_score(bf16_rows *rows, const bf16_span *span, void *work) {
    const size_t width = rows->width, count = rows->count;
    const uint16_t *queries = ((tile_work *)work)->queries;
    for (size_t j = 0; j < span->count; j += 2 * LANES) {
        const uint16_t *keys = span->keys[j / CLQ_PAGE_ROWS] + j % CLQ_PAGE_ROWS * width;
        SUMS_ZERO();
        for (size_t i = 0; i < width; i += BF16_STEP) {
            const uint16_t *left = keys + i * LANES, *right = left + LANES * width;
            SQUARE(queries + i * count, left, right, TILE_BYTES);
        }
        float *to = rows->scores + j * count, *other = to + LANES * count;
        TILE_STORE(0, to, TILE_BYTES);
        TILE_STORE(1, other, TILE_BYTES);
        TILE_STORE(2, to + TILE_ROWS * LANES, TILE_BYTES);
        TILE_STORE(3, other + TILE_ROWS * LANES, TILE_BYTES);
    }
}

static void square_weigh(bf16_rows *rows, const bf16_span *span, void *work) {
    const size_t width = rows->width, stride = 2 * width * sizeof(uint16_t);
    const uint16_t *weights = ((tile_work *)work)->weights;
    float *sums = ((tile_work *)work)->sums, *lower = sums + TILE_ROWS * 2 * LANES;
    for (size_t d = 0; d < width; d += 2 * LANES) {
        SUMS_ZERO();
        for (size_t j = 0; j < span->count; j += BF16_STEP) {
            const uint16_t *left = span->values[j / CLQ_PAGE_ROWS] + j % CLQ_PAGE_ROWS * width + 2 * d;
            SQUARE(weights + j * rows->count, left, left + TILE_COLUMNS, stride);
        }
        TILE_STORE(0, sums, 2 * TILE_BYTES);
        TILE_STORE(1, sums + LANES, 2 * TILE_BYTES);
        TILE_STORE(2, lower, 2 * TILE_BYTES);
        TILE_STORE(3, lower + LANES, 2 * TILE_BYTES);
        tile_give(2, rows, span, d, sums);
    }
}

// Up to 16 rows: tiles 0 to 3 are their sums with 64 columns, or 0 and 1 with 32; 4 is the rows, 6 and 7 the columns.
// Memory is what counts: while a product is made, as much as it reads is asked for of what is needed next.

#define LINE_PART(sums, columns, from, ahead, stride)                                                                  \
    do {                                                                                                               \
        TILE_LOAD(columns, from, stride);                                                                              \
        TILE_DOT(sums, 4, columns);                                                                                    \
        tile_ask(ahead, stride);                                                                                       \
    } while (0)

/// `apart`: from 16 columns to the next, in elements.
#define LINE(parts, rows, from, ahead, apart, stride)                                                                  \
    do {                                                                                                               \
        TILE_LOAD(4, rows, TILE_BYTES);                                                                                \
        LINE_PART(0, 6, from, ahead, stride);                                                                          \
        LINE_PART(1, 7, (from) + (apart), (ahead) + (apart), stride);                                                  \
        if (parts == 4) {                                                                                              \
            LINE_PART(2, 6, (from) + 2 * (apart), (ahead) + 2 * (apart), stride);                                      \
            LINE_PART(3, 7, (from) + 3 * (apart), (ahead) + 3 * (apart), stride);                                      \
        }                                                                                                              \
    } while (0)

static void line_score(bf16_rows *rows, const bf16_span *span, void *work) {
    const size_t width = rows->width, count = rows->count, apart = LANES * width;
    const uint16_t *queries = ((tile_work *)work)->queries;
    for (size_t start = 0, page = 0; start < span->count; start += CLQ_PAGE_ROWS, page++) {
        int is_last = start + CLQ_PAGE_ROWS >= span->count;
        const uint16_t *keys = span->keys[page], *ahead = is_last ? span->values[0] : span->keys[page + 1];
        SUMS_ZERO();
        for (size_t i = 0; i < width; i += BF16_STEP)
            LINE(4, queries + i * count, keys + i * LANES, ahead + i * LANES, apart, TILE_BYTES);
        float *to = rows->scores + start * count;
        TILE_STORE(0, to, TILE_BYTES);
        TILE_STORE(1, to + count * LANES, TILE_BYTES);
        TILE_STORE(2, to + 2 * count * LANES, TILE_BYTES);
        TILE_STORE(3, to + 3 * count * LANES, TILE_BYTES);
    }
}

INLINE void line_weigh_columns(const int parts, bf16_rows *rows, const bf16_span *span, size_t d, tile_work *work) {
    const size_t width = rows->width, stride = 2 * width * sizeof(uint16_t), sums_stride = parts * TILE_BYTES;
    const uint16_t *last = span->next ? span->next : span->values[0];
    float *sums = work->sums;
    SUMS_ZERO();
    for (size_t j = 0; j < span->count; j += BF16_STEP) {
        size_t page = j / CLQ_PAGE_ROWS, at = j % CLQ_PAGE_ROWS * width + 2 * d;
        const uint16_t *ahead = (page + 1) * CLQ_PAGE_ROWS < span->count ? span->values[page + 1] : last;
        LINE(parts, work->weights + j * rows->count, span->values[page] + at, ahead + at, TILE_COLUMNS, stride);
    }
    TILE_STORE(0, sums, sums_stride);
    TILE_STORE(1, sums + LANES, sums_stride);
    if (parts == 4) {
        TILE_STORE(2, sums + 2 * LANES, sums_stride);
        TILE_STORE(3, sums + 3 * LANES, sums_stride);
    }
    tile_give(parts, rows, span, d, sums);
}

static void line_weigh(bf16_rows *rows, const bf16_span *span, void *work) {
    size_t d = 0;
    for (; d + 4 * LANES <= rows->width; d += 4 * LANES) line_weigh_columns(4, rows, span, d, work);
    if (d < rows->width) line_weigh_columns(2, rows, span, d, work);
}

/// The queries of all rows, and the tiles for as many.
INLINE void tile_ready(const bf16_rows *rows, tile_work *work, tile_configuration *tiles) {
    for (size_t r = 0; r < rows->count; r++)
        for (size_t i = 0; i < rows->width; i += BF16_STEP) {
            const float *query = rows->queries + r * rows->width + i;
            tile_narrow(work->queries + i * rows->count + r * BF16_STEP, load(query), load(query + LANES));
        }
    const int is_square = rows->count > TILE_ROWS;
    *tiles = (tile_configuration){.palette = 1};
    for (int t = 0; t < 8; t++) {
        int is_lower = is_square && (t == 2 || t == 3 || t == 5);
        size_t height = is_lower ? rows->count - TILE_ROWS : is_square ? TILE_ROWS : rows->count;
        tiles->row_bytes[t] = TILE_BYTES;
        tiles->rows[t] = (uint8_t)(t < 6 ? height : TILE_ROWS);
    }
}

static void attend_tiles(const float *q, size_t q_stride, size_t first_position, size_t positions, size_t group,
                         size_t width, const void *const *pages, size_t k_offset, size_t v_offset, float scale, float *y,
                         size_t y_stride) {
    bf16_rows rows;
    tile_work work;
    tile_configuration tiles;
    // Tiles would read on behind the last element.
    if (width % BF16_STEP != 0) {
        attend_bf16(q, q_stride, first_position, positions, group, width, pages, k_offset, v_offset, scale, y, y_stride);
        return;
    }
    for (size_t start = 0; start < positions * group; start += BF16_ROWS) {
        bf16_ready(&rows, start, q, q_stride, first_position, positions, group, width, scale);
        tile_ready(&rows, &work, &tiles);
        TILES_BEGIN(&tiles);
        if (rows.count > TILE_ROWS)
            bf16_pass(&rows, pages, k_offset, v_offset, square_score, tile_take, square_weigh, &work);
        else
            bf16_pass(&rows, pages, k_offset, v_offset, line_score, tile_take, line_weigh, &work);
        TILES_END();
        bf16_finish(&rows, start, group, y, y_stride);
    }
}
