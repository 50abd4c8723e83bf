#define _GNU_SOURCE
#include "CSys.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int csys_eventfd(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int csys_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    if (write(descriptor, &one, sizeof one) == (ssize_t)sizeof one || errno == EAGAIN) return 0;
    return -errno;
}

int csys_eventfd_clear(int descriptor) {
    uint64_t count;
    if (read(descriptor, &count, sizeof count) == (ssize_t)sizeof count || errno == EAGAIN) return 0;
    return -errno;
}

int csys_thread_name(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = 0;
    return -pthread_setname_np(pthread_self(), kept);
}

int csys_allowed_cpus(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        // More CPUs than a fixed cpu_set_t holds: what is online is then the best that is known.
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online < 1 ? 1 : online > INT_MAX ? INT_MAX : (int)online;
    }
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}

int csys_pin_thread(int index) {
    cpu_set_t allowed, one;
    CPU_ZERO(&allowed);
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -errno;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || index-- > 0) continue;
        CPU_SET(cpu, &one);
        return sched_setaffinity(0, sizeof one, &one) == 0 ? 0 : -errno;
    }
    return -EINVAL;
}

void csys_give_back_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void csys_futex_wait(const void *word, uint32_t expected) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void csys_futex_wake(const void *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
