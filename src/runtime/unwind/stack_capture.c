/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_capture.h"
#include <string.h>
#include "runtime/core/room.h"
#include "runtime/unwind/stack_tree.h"
#include "runtime/unwind/stack_walk.h"

/* The node of the walk's leaf, root first; 0 when a node was not there and may not be made, or the tree is full. */
static uint32_t intern(const struct arena *arena, struct stack_walk walk, const uint64_t *pcs, int may_make)
{
	uint32_t node = 0;
	if (walk.end != STACK_WHOLE) {
		node = stack_tree_find(arena, 0, walk.end, STACK_NODE_END, may_make);
		if (!node)
			return 0;
	}
	for (uint32_t i = walk.depth; i-- > 0;) {
		node = stack_tree_find(arena, node, pcs[i], STACK_NODE_RETURN, may_make);
		if (!node)
			return 0;
	}
	return node;
}

/* Where the stack is remembered. All addresses count: many stacks differ only far from the leaf. */
static struct memo_stack *memo_of(struct room *room, const uint64_t *pcs, uint32_t depth)
{
	uint64_t sum = depth;
	for (uint32_t i = 0; i < depth; i++)
		sum += pcs[i];
	return &room->memo[sum * UINT64_C(0x9e3779b97f4a7c15) >> 32 &
			   (MEMO_STACKS - 1)]; /* golden ratio, Knuth 6.4 */
}

static bool is_same_stack(const struct memo_stack *memo, struct stack_walk walk, const uint64_t *pcs,
			  uint32_t epoch)
{
	if (memo->depth != walk.depth || memo->end != walk.end || memo->epoch != epoch)
		return false;
	uint64_t difference = 0;
	for (uint32_t i = 0; i < walk.depth; i++)
		difference |= memo->pcs[i] ^ pcs[i];
	return !difference;
}

uint32_t stack_capture(struct thread *thread, const void *hook_frame)
{
	const struct arena *arena = &guest_process.arena;
	uint64_t *pcs = thread->room->pcs;
	struct stack_walk walk = stack_walk(thread, hook_frame, pcs, STACK_DEPTH_MAX);

	/* A thread waits in few places: its last stacks are compared whole before anything is looked up. */
	bool is_short = walk.depth <= MEMO_DEPTH;
	struct memo_stack *memo = memo_of(thread->room, pcs, is_short ? walk.depth : 1);
	if (is_short && is_same_stack(memo, walk, pcs, thread->epoch))
		return memo->node;

	/* Only a stack that was never seen is worth looking at the code for. */
	uint32_t node = intern(arena, walk, pcs, false);
	if (!node)
		node = intern(arena, stack_walk_check(walk, pcs), pcs, true);
	if (is_short && node) {
		memo->depth = (uint16_t)walk.depth;
		memo->end = walk.end;
		memo->node = node;
		memo->epoch = thread->epoch;
		memcpy(memo->pcs, pcs, walk.depth * sizeof *pcs);
	}
	return node;
}
