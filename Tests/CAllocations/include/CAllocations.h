// Counts what chosen threads allocate. In a process that links this, malloc and its kin are ours: they count and hand on
// to the C library's.
#pragma once

/// From now on the calling thread's allocations count, or no more.
void allocations_watch(int is_watched);

/// Allocations of all watched threads since the process began.
unsigned long allocations_count(void);
