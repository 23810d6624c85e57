/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/ledger.h"
#include "base/memory.h"
#include <stdlib.h>

void ledger_init(struct ledger *ledger, uint64_t from_ns, uint64_t to_ns)
{
	*ledger = (struct ledger){.from_ns = from_ns, .to_ns = to_ns};
}

void ledger_fini(struct ledger *ledger)
{
	wait_reasons_fini(&ledger->reasons);
	free(ledger->lanes);
	free(ledger->lane_waits);
	key_map_fini(&ledger->far_waits);
	free(ledger->groups);
	wait_sites_fini(&ledger->sites);
	span_kinds_fini(&ledger->spans);
	key_map_fini(&ledger->sample_numbers);
	free(ledger->samples);
	free(ledger->counters);
	*ledger = (struct ledger){0};
}

uint32_t ledger_add_lane(struct ledger *ledger, struct lane lane)
{
	MEMORY_GROW(ledger->lanes, ledger->lane_count, ledger->lane_capacity);
	ledger->lanes[ledger->lane_count] = lane;
	ledger->groups[lane.group].lanes++;
	return (uint32_t)ledger->lane_count++;
}

uint32_t ledger_add_group(struct ledger *ledger, struct lane_group group)
{
	MEMORY_GROW(ledger->groups, ledger->group_count, ledger->group_capacity);
	ledger->groups[ledger->group_count] = group;
	return (uint32_t)ledger->group_count++;
}

uint32_t ledger_recall_wait(const struct ledger *ledger, uint32_t lane, unsigned reason, uint64_t stack)
{
	uint32_t i = ledger->lanes[lane].first_wait;
	for (int looked = 0; i != LANE_WAIT_NONE && looked < LANE_WAITS_NEAR; looked++) {
		const struct wait_site *site = &ledger->sites.sites[ledger->lane_waits[i].site];
		if (site->stack == stack && site->reason == reason)
			return i;
		i = ledger->lane_waits[i].next;
	}
	return LANE_WAIT_NONE;
}

static uint32_t new_wait(struct ledger *ledger, uint32_t site, uint64_t inside_ns, uint32_t next)
{
	MEMORY_GROW(ledger->lane_waits, ledger->lane_wait_count, ledger->lane_wait_capacity);
	ledger->lane_waits[ledger->lane_wait_count] =
		(struct lane_wait){.ns = inside_ns, .site = site, .next = next};
	ledger->sites.sites[site].lanes++;
	return (uint32_t)ledger->lane_wait_count++;
}

/* The first few of a lane are looked through; those behind them are found by a map. */
void ledger_add_wait(struct ledger *ledger, uint32_t lane, uint32_t site, uint64_t inside_ns)
{
	uint32_t last = LANE_WAIT_NONE, i = ledger->lanes[lane].first_wait;
	for (int looked = 0; i != LANE_WAIT_NONE && looked < LANE_WAITS_NEAR; looked++) {
		if (ledger->lane_waits[i].site == site) {
			ledger->lane_waits[i].ns += inside_ns;
			return;
		}
		last = i;
		i = ledger->lane_waits[i].next;
	}
	if (last == LANE_WAIT_NONE) {
		ledger->lanes[lane].first_wait = new_wait(ledger, site, inside_ns, LANE_WAIT_NONE);
		return;
	}
	uint32_t *far = i == LANE_WAIT_NONE
				? NULL
				: key_map_intern(&ledger->far_waits, (struct map_key){{lane, site}});
	if (far && *far != KEY_MAP_NONE) {
		ledger->lane_waits[*far].ns += inside_ns;
		return;
	}
	uint32_t added = new_wait(ledger, site, inside_ns, i);
	ledger->lane_waits[last].next = added;
	if (far)
		*far = added;
}

void ledger_add_sample(struct ledger *ledger, uint32_t group, uint64_t stack)
{
	uint32_t *number = key_map_intern(&ledger->sample_numbers, (struct map_key){{group, stack}});
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)ledger->sample_count;
		MEMORY_GROW(ledger->samples, ledger->sample_count, ledger->sample_capacity);
		ledger->samples[ledger->sample_count++] =
			(struct sample_site){.group = group, .stack = stack};
	}
	ledger->samples[*number].count++;
}

static struct counter *counter_of(struct ledger *ledger, uint32_t process, const char *name)
{
	for (size_t i = 0; i < ledger->counter_count; i++)
		if (ledger->counters[i].name == name && ledger->counters[i].process == process)
			return &ledger->counters[i];
	MEMORY_GROW(ledger->counters, ledger->counter_count, ledger->counter_capacity);
	struct counter *counter = &ledger->counters[ledger->counter_count++];
	*counter = (struct counter){.name = name, .process = process, .least = UINT64_MAX};
	return counter;
}

void ledger_count(struct ledger *ledger, uint32_t process, const char *name, uint64_t value)
{
	struct counter *counter = counter_of(ledger, process, name);
	if (!counter->count++)
		counter->first = value;
	counter->last = value;
	if (value < counter->least)
		counter->least = value;
	if (value > counter->most)
		counter->most = value;
}
