/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_tree.h"

/* Longest chain that is searched: far more than a full tree has, so that a damaged one ends too. */
enum { CHAIN_MAX = 4096 };

static _Atomic uint32_t *bucket_of(const struct arena *arena, uint32_t parent, uint64_t key)
{
	uint64_t mixed =
		(key ^ (uint64_t)parent << 40) * UINT64_C(0x9e3779b97f4a7c15); /* golden ratio, Knuth 6.4 */
	return &arena->buckets[mixed >> 32 & (ARENA_BUCKETS - 1)];
}

/* Searches the chain from `number` up to, not including, `stop`. */
static uint32_t chain_find(const struct arena *arena, uint32_t number, uint32_t stop, uint32_t parent,
			   uint64_t key)
{
	for (int i = 0; i < CHAIN_MAX && number != stop; i++) {
		struct stack_node *node = arena_node(arena, number);
		if (!node)
			return 0;
		if (atomic_load_explicit(&node->pc_and_kind, memory_order_relaxed) == key &&
		    node->parent == parent)
			return number;
		number = node->next;
	}
	return 0;
}

/* `limit`: nodes that may be in use afterwards. */
static uint32_t find_or_make(const struct arena *arena, uint32_t parent, uint64_t key, uint32_t limit)
{
	_Atomic uint32_t *bucket = bucket_of(arena, parent, key);
	uint32_t head = atomic_load_explicit(bucket, memory_order_acquire);
	uint32_t found = chain_find(arena, head, 0, parent, key);
	if (found || !key)
		return found;

	uint32_t number = arena_take_fresh(&arena->header->nodes_used, limit);
	if (!number)
		return 0;
	struct stack_node *node = arena_node(arena, number);
	node->parent = parent;
	node->next = head;
	atomic_store_explicit(&node->pc_and_kind, key, memory_order_release);
	while (!atomic_compare_exchange_weak_explicit(bucket, &head, number, memory_order_release,
						      memory_order_acquire)) {
		found = chain_find(arena, head, node->next, parent, key);
		if (found)
			return found; /* another thread was first; ours stays unused */
		node->next = head;
	}
	return number;
}

uint32_t stack_tree_find(const struct arena *arena, uint32_t parent, uint64_t pc, enum stack_node_kind kind)
{
	return find_or_make(arena, parent, stack_node_key(pc, kind), arena->node_count - STACK_TREE_ENDS_MAX);
}

uint32_t stack_tree_end(const struct arena *arena, uint64_t why)
{
	return find_or_make(arena, 0, stack_node_key(why, STACK_NODE_END), arena->node_count);
}
