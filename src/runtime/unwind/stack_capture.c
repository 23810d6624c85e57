/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_capture.h"
#include <string.h>
#include "runtime/core/room.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/stack_tree.h"
#include "runtime/unwind/stack_walk.h"

/* Ways from the root are named by a sum that each frame turns on: the place of an edge follows from it before the node of
 * the caller is known, so that the look-ups of many frames overlap. Golden ratio: Knuth 6.4. */
static uint32_t path_behind(uint32_t path, uint64_t pc)
{
	return (path + (uint32_t)pc) * UINT32_C(0x9e3779b1);
}

static uint32_t node_of(struct memo *memo, uint32_t caller, uint32_t path, uint64_t pc,
			enum stack_node_kind kind)
{
	struct memo_edge *edge = &memo->edges[path >> 25];
	_Static_assert(MEMO_EDGES == 1 << 7, "the place of an edge has seven bits");
	uint64_t key = stack_node_key(pc, kind);
	if (__builtin_expect(edge->pc_and_kind == key && edge->parent == caller, 1))
		return edge->node;
	uint32_t node = stack_tree_find(&guest_process.arena, caller, pc, kind);
	if (node)
		*edge = (struct memo_edge){.pc_and_kind = key, .parent = caller, .node = node};
	return node;
}

/* Nodes for the frames that the last walk did not have. */
static uint32_t intern(struct memo *memo, enum stack_end end)
{
	uint32_t node = 0, path = 0;
	if (memo->kept) {
		node = memo->frames[memo->kept - 1].node;
		path = memo->frames[memo->kept - 1].path;
	} else if (end != STACK_WHOLE) {
		node = stack_tree_end(&guest_process.arena, end);
		path = end;
	}
	for (struct memo_frame *frame = memo->frames + memo->kept; frame < memo->frames + memo->count;
	     frame++) {
		enum stack_node_kind kind = frame->path ? STACK_NODE_EXACT : STACK_NODE_RETURN;
		if (!code_is_own(frame->pc)) {
			path = path_behind(path, frame->pc);
			node = node_of(memo, node, path, frame->pc, kind);
			if (!node)
				return 0;
		}
		frame->node = node;
		frame->path = path;
	}
	return node;
}

uint32_t stack_capture(struct thread *thread, const void *hook_frame)
{
	struct memo *memo = &thread->room->memo;
	if (memo->epoch != thread->epoch)
		memset(memo->edges, 0, sizeof memo->edges);
	enum stack_end end = stack_walk(thread, memo, stack_start_at_hook(hook_frame));
	uint32_t node = intern(memo, end);
	if (node)
		return node;
	memo->firm = 0; /* not all of its frames have nodes */
	return stack_tree_end(&guest_process.arena, STACK_END_TREE_FULL);
}
