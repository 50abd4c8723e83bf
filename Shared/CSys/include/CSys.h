// What Linux has and the Swift Glibc module lacks. Plain wrappers; every failure is a negative errno.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A new non-blocking, close-on-exec eventfd that stands at 0, or a negative errno.
int csys_eventfd(void);

/// Adds 1 to the eventfd, so that whoever polls it wakes. A full counter is awake already and counts as success.
int csys_eventfd_signal(int descriptor);

/// Sets the eventfd back to 0; one that stands at 0 stays so.
int csys_eventfd_clear(int descriptor);

/// Names the calling thread for `ps -L` and debuggers; cut to the 15 bytes that Linux keeps.
int csys_thread_name(const char *name);

/// CPUs that this process may run on (its affinity, not what the machine has); at least 1.
int csys_allowed_cpus(void);

/// Keeps the calling thread on one of the CPUs that it may run on, the `index`-th of them, or gives a negative errno and
/// changes nothing. Threads that it starts afterwards inherit that.
int csys_pin_thread(int index);

/// Gives the system back the memory that was freed and that the allocator keeps for later, where it can.
void csys_give_back_memory(void);

/// Sleeps while `*word == expected`, until woken. Returns at once when they differ; may wake for no reason.
void csys_futex_wait(const void *word, uint32_t expected);

/// Wakes up to `count` threads that sleep on `word`.
void csys_futex_wake(const void *word, int count);

/// Tells the CPU that this is a spin loop.
static inline void csys_spin_hint(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#ifdef __cplusplus
}
#endif
