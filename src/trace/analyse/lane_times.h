/* SPDX-License-Identifier: Apache-2.0 */
/* lane_times.h — a lane's reported time by state and reason, and the sum over lanes.
 *
 * Promise:  running + runnable + throttled + unknown + the sum of waiting = end - start, to the nanosecond; idle is a part of
 *           waiting, inferred a part of what is not unknown.
 */
#pragma once
#include "trace/read/account.h"

struct lane_times {
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; equal when nothing of the lane is reported */
	uint64_t running_ns, runnable_ns, throttled_ns, unknown_ns;
	uint64_t waiting_ns[WAIT_REASON_COUNT]; /* idle included */
	uint64_t idle_ns[WAIT_REASON_COUNT];
	uint64_t inferred_ns;
	uint64_t short_count, short_ns; /* waits under the threshold: a part of running */
};

/* One for each lane of a finished account with idle marked, in the same order; the caller frees. */
struct lane_times *lane_times_create(const struct account *account);

/* Adds up: times of the sum are start_ns = 0 and end_ns = the lanes' life together. */
void lane_times_add(struct lane_times *sum, const struct lane_times *lane);

uint64_t lane_times_life(const struct lane_times *times);
uint64_t lane_times_waiting(const struct lane_times *times); /* idle included */
uint64_t lane_times_idle(const struct lane_times *times);
