/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/lane_times.h"
#include "base/memory.h"

struct lane_times *lane_times_create(const struct account *account)
{
	struct lane_times *all = memory_allocate(account->lane_count * sizeof *all);
	for (size_t i = 0; i < account->lane_count; i++) {
		const struct lane *lane = &account->lanes[i];
		const struct lane_world *world = &account->world;
		struct lane_times *times = &all[i];
		times->start_ns = lane->start_ns > world->from_ns ? lane->start_ns : world->from_ns;
		times->end_ns = times->start_ns + lane_span(lane, world).inside;
		times->running_ns = lane->states.running.inside;
		times->runnable_ns = lane->states.runnable.inside;
		times->throttled_ns = lane->states.throttled.inside;
		times->unknown_ns = lane->states.unknown.inside;
		times->inferred_ns = lane->states.inferred_ns;
		times->short_count = lane->short_count;
		times->short_ns = lane->short_ns;
	}
	for (size_t i = 0; i < account->sites.count; i++) {
		const struct wait_site *site = &account->sites.sites[i];
		struct lane_times *times = &all[site->lane];
		times->waiting_ns[site->reason] += site->blocked.inside;
		times->inferred_ns += site->inferred_ns;
		if (site->is_idle)
			times->idle_ns[site->reason] += site->blocked.inside;
	}
	return all;
}

void lane_times_add(struct lane_times *sum, const struct lane_times *lane)
{
	sum->end_ns += lane_times_life(lane);
	sum->running_ns += lane->running_ns;
	sum->runnable_ns += lane->runnable_ns;
	sum->throttled_ns += lane->throttled_ns;
	sum->unknown_ns += lane->unknown_ns;
	sum->inferred_ns += lane->inferred_ns;
	sum->short_count += lane->short_count;
	sum->short_ns += lane->short_ns;
	for (int reason = 0; reason < WAIT_REASON_COUNT; reason++) {
		sum->waiting_ns[reason] += lane->waiting_ns[reason];
		sum->idle_ns[reason] += lane->idle_ns[reason];
	}
}

uint64_t lane_times_life(const struct lane_times *times)
{
	return times->end_ns - times->start_ns;
}

static uint64_t sum_of(const uint64_t by_reason[WAIT_REASON_COUNT])
{
	uint64_t sum = 0;
	for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
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
