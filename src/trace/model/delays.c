/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/delays.h"

enum { STEP_BITS = 5 };
_Static_assert(1 << STEP_BITS == DELAY_STEPS, "steps are a power of two");

/* Values below DELAY_STEPS have a bucket each; then each doubling has DELAY_STEPS. */
static unsigned bucket_of(uint64_t ns)
{
	if (ns < DELAY_STEPS)
		return (unsigned)ns;
	unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - STEP_BITS;
	return (shift + 1) * DELAY_STEPS + (unsigned)(ns >> shift) - DELAY_STEPS;
}

static uint64_t bucket_top(unsigned bucket)
{
	if (bucket < DELAY_STEPS)
		return bucket;
	unsigned shift = bucket / DELAY_STEPS - 1;
	uint64_t low = (uint64_t)(DELAY_STEPS + bucket % DELAY_STEPS) << shift;
	return low + ((UINT64_C(1) << shift) - 1);
}

void delays_add(struct delays *delays, uint64_t ns)
{
	delays->count++;
	delays->total_ns += ns;
	if (ns > delays->max_ns)
		delays->max_ns = ns;
	delays->buckets[bucket_of(ns)]++;
}

uint64_t delays_percentile(const struct delays *delays, unsigned percent)
{
	uint64_t rank = (uint64_t)(((unsigned __int128)delays->count * percent + 99) / 100), passed = 0;
	for (unsigned i = 0; i < DELAY_BUCKETS && rank; i++) {
		passed += delays->buckets[i];
		if (passed >= rank)
			return bucket_top(i) < delays->max_ns ? bucket_top(i) : delays->max_ns;
	}
	return 0;
}
