/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stack_nodes.h"
#include "agent/mappings.h"
#include "base/memory.h"

/* Notes which place of which file the address is now: later the mapping, or the process, may be gone. False when it lies in
 * no mapping known. */
static bool place(const struct recorded *recorded, struct journal *journal, uint64_t pc)
{
	const struct code_mapping *mapping = mappings_find(recorded, pc);
	if (mapping)
		code_places_add(
			&journal->places,
			(struct code_place){mapping->module, pc - mapping->start + mapping->file_offset});
	return mapping;
}

/* False when the node is not whole yet. */
static bool tell_node(struct recorded *recorded, struct journal *journal, uint32_t number)
{
	struct stack_node *node = arena_node(&recorded->shared.arena, number);
	uint64_t word = atomic_load_explicit(&node->pc_and_kind, memory_order_acquire);
	if (!word)
		return false;
	uint64_t pc = word & ((UINT64_C(1) << STACK_KIND_SHIFT) - 1);
	uint64_t kind = word >> STACK_KIND_SHIFT;
	uint32_t parent =
		__atomic_load_n(&node->parent, __ATOMIC_RELAXED); /* once: the process may change it */
	if (parent >= number)
		parent = 0; /* a parent is always older: no circles */
	event_put_stack_node(trace_writer_fact(journal->writer, journal->clock, EVENT_STACK_NODE_MAX),
			     journal_now(journal), recorded->process, number, parent, pc, kind);
	if (kind != STACK_NODE_END && !place(recorded, journal, pc)) {
		MEMORY_GROW(recorded->unplaced, recorded->unplaced_count, recorded->unplaced_room);
		recorded->unplaced[recorded->unplaced_count++] = pc;
		recorded->has_unknown_code = true;
	}
	return true;
}

void stack_nodes_place(struct recorded *recorded, struct journal *journal)
{
	size_t left = 0;
	for (size_t i = 0; i < recorded->unplaced_count; i++)
		if (!place(recorded, journal, recorded->unplaced[i]))
			recorded->unplaced[left++] = recorded->unplaced[i];
	recorded->unplaced_count = left;
}

void stack_nodes_tell(struct recorded *recorded, struct journal *journal)
{
	size_t left = 0;
	for (size_t i = 0; i < recorded->unfinished_count; i++)
		if (!tell_node(recorded, journal, recorded->unfinished[i]))
			recorded->unfinished[left++] = recorded->unfinished[i];
	recorded->unfinished_count = left;

	const struct arena *arena = &recorded->shared.arena;
	uint32_t used = atomic_load_explicit(&arena->header->nodes_used, memory_order_acquire);
	if (used > arena->node_count)
		used = arena->node_count;
	while (recorded->nodes_told < used) {
		if (!tell_node(recorded, journal, recorded->nodes_told + 1)) {
			MEMORY_GROW(recorded->unfinished, recorded->unfinished_count,
				    recorded->unfinished_room);
			recorded->unfinished[recorded->unfinished_count++] = recorded->nodes_told + 1;
		}
		recorded->nodes_told++;
	}
}
