/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/wait_sites.h"
#include "base/memory.h"
#include <stdlib.h>

void wait_sites_fini(struct wait_sites *sites)
{
	free(sites->sites);
	free(sites->wakers);
	key_map_fini(&sites->numbers);
	key_map_fini(&sites->waker_numbers);
	*sites = (struct wait_sites){0};
}

uint32_t wait_sites_find(struct wait_sites *sites, uint32_t group, unsigned reason, struct object_id object,
			 uint64_t stack)
{
	uint64_t first = (uint64_t)group << 32 | (uint64_t)reason << 8 | (uint64_t)object.kind;
	uint32_t *number = key_map_intern(&sites->numbers, (struct map_key){{first, object.number, stack}});
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)sites->count;
		MEMORY_GROW(sites->sites, sites->count, sites->capacity);
		sites->sites[sites->count++] = (struct wait_site){
			.group = group, .reason = reason, .object = object, .stack = stack};
	}
	return *number;
}

void wait_sites_count(struct wait_sites *sites, uint32_t index, uint64_t inside_ns)
{
	struct wait_site *site = &sites->sites[index];
	site->count_all++;
	if (!inside_ns)
		return;
	site->count++;
	if (inside_ns > site->max_ns)
		site->max_ns = inside_ns;
}

static uint32_t find_waker(struct wait_sites *sites, uint32_t site, uint32_t lane, uint64_t stack)
{
	uint32_t *number = key_map_intern(&sites->waker_numbers, (struct map_key){{site, stack}});
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)sites->waker_count;
		MEMORY_GROW(sites->wakers, sites->waker_count, sites->waker_capacity);
		sites->wakers[sites->waker_count++] =
			(struct wait_waker){.site = site, .lane = lane, .stack = stack};
	}
	return *number;
}

static void blame(struct wait_waker *waker, uint64_t count, uint64_t inside_ns)
{
	waker->count += count;
	waker->caused_ns += inside_ns;
}

void wait_sites_blame(struct wait_sites *sites, uint32_t site, uint32_t lane, uint64_t stack, uint64_t count,
		      uint64_t inside_ns)
{
	/* Finding may move the wakers. */
	uint32_t waker = find_waker(sites, site, lane, stack);
	blame(&sites->wakers[waker], count, inside_ns);
}

void wait_sites_blame_again(struct wait_sites *sites, uint32_t site, uint32_t lane, uint64_t stack,
			    uint64_t inside_ns, uint32_t *last)
{
	if (*last >= sites->waker_count || sites->wakers[*last].site != site ||
	    sites->wakers[*last].stack != stack)
		*last = find_waker(sites, site, lane, stack);
	blame(&sites->wakers[*last], 1, inside_ns);
}
