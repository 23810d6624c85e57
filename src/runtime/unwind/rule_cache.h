/* SPDX-License-Identifier: Apache-2.0 */
/* rule_cache.h — the rule of each address that any stack of the process has shown: one word an address, filled lazily.
 *
 *   word:  tag 32 │ generation 7 │ rule 25
 *
 * Words:    the place and the tag of an address of 48 bits say together which address it is: no other can be taken for
 *           it. The generation is that of all code that was loaded when the word was written; it moves on when an
 *           object is unloaded, and words of another are nothing. While an object is being unloaded no word counts,
 *           and rules are made anew each time: another object may already lie where it was.
 * Threads:  any, in signal handlers too: words are read and written whole. A lost race costs one more look.
 * Memory:   512 KiB, touched on demand: a program's stacks show some 400 to 5000 addresses.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include "cfi/rule.h"

enum { RULE_CACHE_SIZE = 1 << 16, RULE_GENERATIONS = 1 << 7, RULE_PC_BITS = 48 };

extern _Atomic uint64_t rule_cache[RULE_CACHE_SIZE] __attribute__((visibility("hidden")));

/* The generation of what is loaded; with a bit above all others for each unloading that is under way. */
extern _Atomic uint64_t rule_cache_state __attribute__((visibility("hidden")));
#define RULE_CACHE_UNLOADING (UINT64_C(1) << 48)

/* Makes the rule, and remembers it unless there is none. */
uint32_t rule_cache_fill(uint64_t pc);

/* Around what unloads an object: what was known before is forgotten. */
void rule_cache_unload_begin(void);
void rule_cache_unload_end(void);

static inline uint64_t rule_cache_state_now(void)
{
	return atomic_load_explicit(&rule_cache_state, memory_order_acquire);
}

static inline bool rule_cache_is_valid(uint64_t state)
{
	return state < RULE_GENERATIONS;
}

static inline uint32_t rule_cache_place(uint64_t pc)
{
	return (uint32_t)(pc ^ pc >> 16 ^ pc >> 32) & (RULE_CACHE_SIZE - 1);
}

static inline uint64_t rule_cache_tag(uint64_t pc)
{
	return (uint32_t)(pc >> 16);
}

/* The rule of an address below 2^48; `state`: taken when the walk began. */
static inline uint32_t rule_cache_find(uint64_t pc, uint64_t state)
{
	uint64_t word = atomic_load_explicit(&rule_cache[rule_cache_place(pc)], memory_order_relaxed);
	if (__builtin_expect((word >> RULE_BITS) - rule_cache_tag(pc) * RULE_GENERATIONS == state, 1))
		return (uint32_t)word & ((1 << RULE_BITS) - 1);
	return rule_cache_fill(pc);
}
