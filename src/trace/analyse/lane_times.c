/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/lane_times.h"
#include <stdbool.h>

void lane_times_add(struct lane_times *sum, const struct ledger *ledger, const struct lane *lane)
{
	sum->life_ns += lane_life(lane);
	sum->running_ns += lane->running_ns;
	sum->call_ns += lane->call_ns;
	sum->runnable_ns += lane->runnable_ns;
	sum->throttled_ns += lane->throttled_ns;
	sum->unknown_ns += lane->unknown_ns;
	sum->inferred_ns += lane->inferred_ns;
	sum->short_count += lane->short_count;
	sum->short_ns += lane->short_ns;
	for (uint32_t i = lane->first_wait; i != LANE_WAIT_NONE; i = ledger->lane_waits[i].next) {
		const struct wait_site *site = &ledger->sites.sites[ledger->lane_waits[i].site];
		sum->waiting_ns[site->reason] += ledger->lane_waits[i].ns;
		if (site->is_idle)
			sum->idle_ns[site->reason] += ledger->lane_waits[i].ns;
	}
}

static uint64_t sum_of(const uint64_t by_reason[WAIT_REASONS_MAX])
{
	uint64_t sum = 0;
	for (int reason = 0; reason < WAIT_REASONS_MAX; reason++)
		sum += by_reason[reason];
	return sum;
}

uint64_t lane_times_waiting(const struct lane_times *times)
{
	return sum_of(times->waiting_ns);
}

uint64_t lane_times_idle(const struct lane_times *times)
{
	return sum_of(times->idle_ns);
}

uint64_t lane_waiting(const struct ledger *ledger, const struct lane *lane, bool is_idle)
{
	uint64_t sum = 0;
	for (uint32_t i = lane->first_wait; i != LANE_WAIT_NONE; i = ledger->lane_waits[i].next)
		if (ledger->sites.sites[ledger->lane_waits[i].site].is_idle == is_idle)
			sum += ledger->lane_waits[i].ns;
	return sum;
}
