/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/address_ranges.h"
#include <stdlib.h>
#include "base/memory.h"

void address_ranges_add(struct address_ranges *ranges, uint64_t low, uint64_t high, size_t item)
{
	if (low >= high)
		return;
	MEMORY_GROW(ranges->items, ranges->count, ranges->capacity);
	ranges->items[ranges->count++] = (struct address_range){.low = low, .high = high, .item = item};
}

/* By beginning; of those that begin together the longest first, so that the innermost is met first from behind. */
static int compare(const void *left, const void *right)
{
	const struct address_range *a = left, *b = right;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high > b->high ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}

void address_ranges_sort(struct address_ranges *ranges)
{
	if (!ranges->count)
		return;
	qsort(ranges->items, ranges->count, sizeof *ranges->items, compare);
	uint64_t reach = 0;
	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->items[i].high > reach)
			reach = ranges->items[i].high;
		ranges->items[i].reach = reach;
	}
}

const struct address_range *address_ranges_find(const struct address_ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count; /* items before low begin at or below the address */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranges->items[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* Going back can stop where nothing reaches this far. */
	for (size_t i = low; i-- > 0 && ranges->items[i].reach > address;)
		if (ranges->items[i].high > address)
			return &ranges->items[i];
	return NULL;
}

void address_ranges_fini(struct address_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct address_ranges){0};
}
