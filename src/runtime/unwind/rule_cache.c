/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/rule_cache.h"
#include "cfi/compile.h"
#include "runtime/unwind/code.h"

_Atomic uint64_t rule_cache[RULE_CACHE_SIZE];
_Atomic uint64_t rule_cache_state = 1; /* no word has generation 0: those are empty */

uint32_t rule_cache_fill(uint64_t pc)
{
	uint64_t state = rule_cache_state_now();
	struct cfi_image image;
	uint32_t rule = code_image(pc, &image) ? cfi_rule_at(&image, pc) : rule_make(RULE_NONE, 0, 0);
	if (rule_kind(rule) == RULE_NONE || !rule_cache_is_valid(state))
		return rule; /* an object may come where there is none yet */

	_Atomic uint64_t *place = &rule_cache[rule_cache_place(pc)];
	uint64_t word = (rule_cache_tag(pc) * RULE_GENERATIONS + state) << RULE_BITS | rule;
	atomic_store_explicit(place, word, memory_order_seq_cst);
	if (atomic_load_explicit(&rule_cache_state, memory_order_seq_cst) != state)
		atomic_compare_exchange_strong(place, &word, 0); /* of an object that may be gone */
	return rule;
}

void rule_cache_unload_begin(void)
{
	atomic_fetch_add_explicit(&rule_cache_state, RULE_CACHE_UNLOADING, memory_order_seq_cst);
}

/* Generations are used again after so many: until then no word of the first may be left. */
static void clear(void)
{
	for (unsigned i = 0; i < RULE_CACHE_SIZE; i++)
		if (atomic_load_explicit(&rule_cache[i],
					 memory_order_relaxed)) /* touches no page that is empty */
			atomic_store_explicit(&rule_cache[i], 0, memory_order_relaxed);
}

void rule_cache_unload_end(void)
{
	uint64_t state = rule_cache_state_now(), next;
	do {
		next = state - RULE_CACHE_UNLOADING + 1;
		if (state % RULE_CACHE_UNLOADING == RULE_GENERATIONS - 1) {
			clear();
			next = state - RULE_CACHE_UNLOADING - (RULE_GENERATIONS - 1) + 1;
		}
	} while (!atomic_compare_exchange_weak_explicit(&rule_cache_state, &state, next, memory_order_seq_cst,
							memory_order_acquire));
}
