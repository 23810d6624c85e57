/* SPDX-License-Identifier: Apache-2.0 */
/* address_ranges.h — which of many things stands at an address.
 *
 * Words:    a range is [low, high); ranges may lie inside each other, as a nested function's in its parent's.
 * Threads:  one at a time.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct address_range {
	uint64_t low, high;
	uint64_t reach; /* the highest `high` of this and all ranges before it, once sorted */
	size_t item;    /* the caller's */
};

struct address_ranges {
	struct address_range *items; /* owned */
	size_t count, capacity;
};

/* Adds a range; an empty one is left out. */
void address_ranges_add(struct address_ranges *ranges, uint64_t low, uint64_t high, size_t item);

/* To be called once, after the last addition and before the first search. */
void address_ranges_sort(struct address_ranges *ranges);

/* The range that holds the address; of several the one that begins last, NULL when there is none. */
const struct address_range *address_ranges_find(const struct address_ranges *ranges, uint64_t address);

void address_ranges_fini(struct address_ranges *ranges);
