// Whether an arm64 CPU multiplies bytes in one instruction: all but the oldest do.
#pragma once

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static inline int has_dot_products(void) {
    enum { ASIMD_DOT_PRODUCT = 1 << 20 }; // HWCAP_ASIMDDP
    return (getauxval(AT_HWCAP) & ASIMD_DOT_PRODUCT) != 0;
}
#elif defined(__aarch64__)
static inline int has_dot_products(void) { return 1; } // all of Apple's
#endif
