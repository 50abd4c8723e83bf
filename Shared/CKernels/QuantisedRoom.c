// Where rows of activations lie in a room.
#include "quantised.h"

/// A version with tiles reads 16 rows wherever there is one.
enum { BEHIND = 15, LINE = 64 };

static size_t lines(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

static size_t values_bytes(size_t elements) { return (elements + BEHIND) * CLQ_GROUP; }

static size_t scales_bytes(size_t elements) { return lines((elements + BEHIND) * sizeof(float)); }

size_t clq_quantised_room(size_t elements) {
    return values_bytes(elements) + scales_bytes(elements) + lines((elements + BEHIND) * sizeof(clq_quantised_sums));
}

clq_quantised_rows clq_quantised_rows_in(void *room, size_t elements) {
    char *scales = (char *)room + values_bytes(elements);
    return (clq_quantised_rows){
        .values = room, .scales = (void *)scales, .sums = (void *)(scales + scales_bytes(elements))};
}
