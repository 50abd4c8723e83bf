// What the machine allows: the floors that `colloquy bench` prints beside its figures. Results are discarded.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Reads `bytes` (whole cache lines of 64) from a 64-byte aligned address once, and returns a number that depends on all
/// of them.
uint64_t probe_read(const void *start, size_t bytes);

/// Does `rounds` rounds of fused multiply-adds on registers alone, with the vectors of an instruction set (0 scalar,
/// 1 AVX2, 2 to 4 AVX-512, 5 NEON) that this CPU must have. `sum` takes a number that depends on all of them.
///
/// Returns the multiply-adds of one round.
size_t probe_multiply_adds(int instruction_set, size_t rounds, float *sum);

/// The same for products of bytes that are added in 32 bits: VPMADDUBSW and VPMADDWD for 1 and 2, VPDPBUSD for 3, tiles
/// for 4, SDOT for 5. 0 where the instruction set has no such instruction.
size_t probe_byte_multiply_adds(int instruction_set, size_t rounds, int32_t *sum);

/// The same for products of bfloat16 that are added in f32: VDPBF16PS for 2 and 3, tiles for 4. 0 where this CPU has no
/// such instruction.
size_t probe_bfloat16_multiply_adds(int instruction_set, size_t rounds, float *sum);

#pragma clang assume_nonnull end
