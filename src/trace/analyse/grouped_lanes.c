/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/grouped_lanes.h"
#include "base/memory.h"
#include <stdlib.h>

void grouped_lanes_init(struct grouped_lanes *grouped, const struct ledger *ledger, const uint8_t *is_chosen,
			enum lane_kind kind)
{
	uint32_t *counts = memory_allocate((ledger->group_count + 1) * sizeof *counts);
	for (size_t i = 0; i < ledger->lane_count; i++)
		if (is_chosen[i] && ledger->lanes[i].kind == kind)
			counts[ledger->lanes[i].group]++;

	*grouped = (struct grouped_lanes){0};
	size_t capacity = 0;
	uint32_t at = 0;
	for (size_t group = 0; group < ledger->group_count; group++) {
		if (!counts[group])
			continue;
		MEMORY_GROW(grouped->bundles, grouped->count, capacity);
		grouped->bundles[grouped->count++] = (struct lane_bundle){(uint32_t)group, at, counts[group]};
		uint32_t next = at + counts[group];
		counts[group] = at;
		at = next;
	}
	grouped->lanes = memory_resize(NULL, at, sizeof *grouped->lanes);
	for (size_t i = 0; i < ledger->lane_count; i++)
		if (is_chosen[i] && ledger->lanes[i].kind == kind)
			grouped->lanes[counts[ledger->lanes[i].group]++] = (uint32_t)i;
	free(counts);
}

void grouped_lanes_fini(struct grouped_lanes *grouped)
{
	free(grouped->lanes);
	free(grouped->bundles);
	*grouped = (struct grouped_lanes){0};
}

void grouped_lanes_sum(const struct grouped_lanes *grouped, const struct ledger *ledger,
		       const struct lane_bundle *bundle, struct lane_times *out_sum)
{
	*out_sum = (struct lane_times){0};
	for (uint32_t i = 0; i < bundle->count; i++)
		lane_times_add(out_sum, ledger, &ledger->lanes[grouped->lanes[bundle->first + i]]);
}
