/* SPDX-License-Identifier: Apache-2.0 */
/* amount.h — a length of time, and how much of it lies inside the part of the recording that is reported (--from, --to).
 *
 * Promise:  inside is never more than all; taking and giving back conserve both, in whole nanoseconds, so that what is split
 *           sums to what was there.
 */
#pragma once
#include <stdint.h>

struct amount {
	uint64_t all, inside; /* ns */
};

/* value * part / whole, rounded down; part at most whole. */
static inline uint64_t share_of(uint64_t value, uint64_t part, uint64_t whole)
{
	return whole ? (uint64_t)((unsigned __int128)value * part / whole) : 0;
}

static inline void amount_add(struct amount *to, struct amount what)
{
	to->all += what.all;
	to->inside += what.inside;
}

/* Takes up to `all` out of `from`, the inside in proportion. */
static inline struct amount amount_take(struct amount *from, uint64_t all)
{
	if (all > from->all)
		all = from->all;
	struct amount taken = {all, share_of(from->inside, all, from->all)};
	from->all -= taken.all;
	from->inside -= taken.inside;
	return taken;
}

/* The stretch from start to end, and what of it lies between from and to. */
static inline struct amount amount_between(uint64_t start, uint64_t end, uint64_t from, uint64_t to)
{
	uint64_t low = start > from ? start : from, high = end < to ? end : to;
	return (struct amount){end - start, high > low ? high - low : 0};
}
