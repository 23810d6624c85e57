/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h — the clocks that events are timed by.
 *
 * Words:    a tick is the unit of event times. With TRACE_CLOCK_TSC it is 2^CLOCK_TSC_SHIFT cycles of the time stamp
 *           counter, some 20 ns: finer than the clock is read and short as a varint. With TRACE_CLOCK_MONOTONIC it
 *           is a nanosecond. clock_pair events say what ticks are in nanoseconds.
 * Choice:   the TSC only where the kernel itself keeps time by it; the agent decides and tells the guest.
 * Threads:  no state; safe in a signal handler (the monotonic clock is read through the vdso).
 */
#pragma once
#include <stdint.h>
#include <time.h>
#include <x86intrin.h>

/* The clock whose ticks the times of a slice are; the numbers stand in files. */
enum trace_clock { TRACE_CLOCK_MONOTONIC = 0, TRACE_CLOCK_TSC = 1 };
enum { TRACE_CLOCK_COUNT = 2, CLOCK_TSC_SHIFT = 6 };

/* The clock of a number that stands in shared memory; one that is none is taken for the clock that every machine has. */
static inline enum trace_clock clock_of(uint32_t number)
{
	return number == TRACE_CLOCK_TSC ? TRACE_CLOCK_TSC : TRACE_CLOCK_MONOTONIC;
}

/* A moment as a slice tells it. */
struct trace_moment {
	uint64_t ticks;
	enum trace_clock clock;
};

static inline uint64_t clock_monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Now, in ticks. No fence: a reading may be off by the instructions in flight, some 10 ns. */
static inline uint64_t clock_ticks(enum trace_clock clock)
{
	return __builtin_expect(clock == TRACE_CLOCK_TSC, 1) ? __rdtsc() >> CLOCK_TSC_SHIFT
							     : clock_monotonic_ns();
}

struct clock_pair {
	uint64_t ticks;
	uint64_t monotonic_ns;
	uint64_t uncertainty_ns; /* half of the time between the two readings around the tick */
};

/* Takes the narrowest of a few tries (an interrupt between the readings widens one). */
static inline struct clock_pair clock_take_pair(enum trace_clock clock)
{
	enum { TRIES = 5, GOOD_NS = 100 };
	struct clock_pair best = {.uncertainty_ns = UINT64_MAX};
	for (int i = 0; i < TRIES && best.uncertainty_ns > GOOD_NS; i++) {
		uint64_t before = clock_monotonic_ns();
		uint64_t ticks = clock_ticks(clock);
		uint64_t after = clock_monotonic_ns();
		uint64_t uncertainty = (after - before) / 2 + 1;
		if (uncertainty < best.uncertainty_ns)
			best = (struct clock_pair){ticks, before + (after - before) / 2, uncertainty};
	}
	return best;
}
