/* SPDX-License-Identifier: Apache-2.0 */
/* lane_times.h — the reported time of a lane, or of several together, by state and reason.
 *
 * Promise:  running + in a call + runnable + throttled + unknown + the sum of waiting = life, to the nanosecond; idle is a part of
 *           waiting, inferred a part of what is not unknown.
 */
#pragma once
#include "trace/model/ledger.h"
#include <stdbool.h>

struct lane_times {
	uint64_t life_ns;
	uint64_t running_ns, call_ns, runnable_ns, throttled_ns, unknown_ns;
	uint64_t inferred_ns;
	uint64_t short_count, short_ns;        /* waits under the threshold: a part of running */
	uint64_t waiting_ns[WAIT_REASONS_MAX]; /* idle included */
	uint64_t idle_ns[WAIT_REASONS_MAX];
};

/* Adds a lane, whose idle waits are marked. */
void lane_times_add(struct lane_times *sum, const struct ledger *ledger, const struct lane *lane);

uint64_t lane_times_waiting(const struct lane_times *times); /* idle included */
uint64_t lane_times_idle(const struct lane_times *times);

static inline uint64_t lane_life(const struct lane *lane)
{
	return lane->end_ns - lane->start_ns;
}

/* Waiting time of a lane; idle or not. */
uint64_t lane_waiting(const struct ledger *ledger, const struct lane *lane, bool is_idle);
