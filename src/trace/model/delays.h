/* SPDX-License-Identifier: Apache-2.0 */
/* delays.h — how long something took, many times over, in little memory: counts by size, 32 steps for each doubling.
 *
 * Promise:  count, total and maximum are exact; a percentile is at most 1/32 above the true one, and never above the maximum.
 * Memory:   15 KiB whatever is added.
 */
#pragma once
#include <stdint.h>

enum { DELAY_STEPS = 32, DELAY_BUCKETS = (64 - 5 + 1) * DELAY_STEPS };

struct delays {
	uint64_t count, total_ns, max_ns;
	uint64_t buckets[DELAY_BUCKETS];
};

void delays_add(struct delays *delays, uint64_t ns);

/* The least value that so many per cent do not exceed (nearest rank), rounded up to its step; 0 when there is none. */
uint64_t delays_percentile(const struct delays *delays, unsigned percent);
