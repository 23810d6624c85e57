/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/wait_groups.h"
#include "base/memory.h"
#include <stdlib.h>

void wait_groups_fini(struct wait_groups *groups)
{
	free(groups->groups);
	free(groups->wakers);
	*groups = (struct wait_groups){0};
}

static int descending(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

/* Ties go by what stands in the file, so that a report is the same each time. */
static int by_total(const void *a, const void *b)
{
	const struct wait_group *one = a, *two = b;
	if (one->total_ns != two->total_ns)
		return descending(one->total_ns, two->total_ns);
	if (one->count != two->count)
		return descending(one->count, two->count);
	if (one->reason != two->reason)
		return one->reason < two->reason ? -1 : 1;
	if (one->process != two->process)
		return one->process < two->process ? -1 : 1;
	if (one->stack != two->stack)
		return one->stack < two->stack ? -1 : 1;
	return -descending(one->object.number, two->object.number);
}

static int by_caused(const void *a, const void *b)
{
	const struct waker_group *one = a, *two = b;
	if (one->caused_ns != two->caused_ns)
		return descending(one->caused_ns, two->caused_ns);
	if (one->count != two->count)
		return descending(one->count, two->count);
	return -descending(one->stack, two->stack);
}

static void add_site(struct wait_group *group, const struct wait_site *site)
{
	uint64_t max_ns = site->max_ns < site->blocked.inside ? site->max_ns : site->blocked.inside;
	group->count += site->count;
	group->total_ns += site->blocked.inside;
	group->inferred_ns += site->inferred_ns;
	group->lanes += site->lanes;
	if (max_ns > group->max_ns)
		group->max_ns = max_ns;
}

/* The group of each site, KEY_MAP_NONE for those left out. */
static uint32_t *gather(struct wait_groups *groups, const struct ledger *ledger, const uint8_t *is_chosen)
{
	struct key_map numbers = {0};
	uint32_t *group_of = memory_resize(NULL, ledger->sites.count, sizeof *group_of);
	for (size_t i = 0; i < ledger->sites.count; i++) {
		const struct wait_site *site = &ledger->sites.sites[i];
		group_of[i] = KEY_MAP_NONE;
		if ((!site->blocked.inside && !site->count) || (is_chosen && !is_chosen[site->group]))
			continue;
		uint32_t process = ledger->groups[site->group].process;
		struct map_key key = {{(uint64_t)process << 32 | (uint64_t)site->reason << 16 |
					       (uint64_t)site->object.kind << 8 | (uint64_t)site->is_idle,
				       site->object.number, site->stack}};
		uint32_t *number = key_map_intern(&numbers, key);
		if (*number == KEY_MAP_NONE) {
			*number = (uint32_t)groups->count;
			MEMORY_GROW(groups->groups, groups->count, groups->capacity);
			groups->groups[groups->count++] =
				(struct wait_group){.process = process,
						    .kind = ledger->groups[site->group].kind,
						    .reason = site->reason,
						    .object = site->object,
						    .stack = site->stack,
						    .is_idle = site->is_idle};
		}
		group_of[i] = *number;
		add_site(&groups->groups[*number], site);
	}
	key_map_fini(&numbers);
	return group_of;
}

/* A waker group and the group that it belongs to, for sorting. */
struct owned_waker {
	uint32_t group;
	struct waker_group waker;
};

static int by_group(const void *a, const void *b)
{
	const struct owned_waker *one = a, *two = b;
	if (one->group != two->group)
		return one->group < two->group ? -1 : 1;
	return by_caused(&one->waker, &two->waker);
}

static void gather_wakers(struct wait_groups *groups, const struct ledger *ledger, const uint32_t *group_of)
{
	struct key_map numbers = {0};
	const struct wait_sites *sites = &ledger->sites;
	struct owned_waker *owned = memory_resize(NULL, sites->waker_count, sizeof *owned);
	size_t count = 0;
	for (size_t i = 0; i < sites->waker_count; i++) {
		const struct wait_waker *waker = &sites->wakers[i];
		if (group_of[waker->site] == KEY_MAP_NONE)
			continue;
		uint32_t *number =
			key_map_intern(&numbers, (struct map_key){{group_of[waker->site], waker->stack}});
		if (*number == KEY_MAP_NONE) {
			*number = (uint32_t)count;
			owned[count++] = (struct owned_waker){group_of[waker->site],
							      {.stack = waker->stack, .lane = waker->lane}};
		}
		owned[*number].waker.count += waker->count;
		owned[*number].waker.caused_ns += waker->caused_ns;
	}
	if (count)
		qsort(owned, count, sizeof *owned, by_group);
	groups->wakers = memory_resize(NULL, count, sizeof *groups->wakers);
	for (size_t i = 0; i < count; i++) {
		struct wait_group *group = &groups->groups[owned[i].group];
		groups->wakers[i] = owned[i].waker;
		if (!group->waker_count)
			group->wakers = &groups->wakers[i];
		group->waker_count++;
	}
	free(owned);
	key_map_fini(&numbers);
}

void wait_groups_init(struct wait_groups *groups, const struct ledger *ledger, const uint8_t *is_chosen)
{
	*groups = (struct wait_groups){0};
	uint32_t *group_of = gather(groups, ledger, is_chosen);
	gather_wakers(groups, ledger, group_of);
	free(group_of);
	if (groups->count)
		qsort(groups->groups, groups->count, sizeof *groups->groups, by_total);
}
