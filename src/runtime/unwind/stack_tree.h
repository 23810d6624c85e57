/* SPDX-License-Identifier: Apache-2.0 */
/* stack_tree.h — the calling-context tree of the process: a stack as one small number.
 *
 * Words:    a node is a frame below its caller's node; a stack is the number of its leaf's node. A stack that ended
 *           early hangs below an end marker that says why, so that it never merges with a whole one.
 * Threads:  any, lock-free; the tree lives in the arena. Safe in a signal handler. A node never changes once found.
 * Full:     stack_tree_find returns 0. The last few nodes are kept for end markers, so that even then a stack can be told
 *           from none.
 */
#pragma once
#include "record/arena.h"
#include "record/event_types.h"

enum { STACK_TREE_ENDS_MAX = 16 };

/* How a node holds what it stands for: no address of user space has bits where the kind is. */
static inline uint64_t stack_node_key(uint64_t pc, enum stack_node_kind kind)
{
	return (pc & ((UINT64_C(1) << STACK_KIND_SHIFT) - 1)) | (uint64_t)kind << STACK_KIND_SHIFT;
}

/* The number of the node, made when it is not there. 0 when the tree is full, and for address 0. */
uint32_t stack_tree_find(const struct arena *arena, uint32_t parent, uint64_t pc, enum stack_node_kind kind);

/* The same for an end marker at the root: there is room for STACK_TREE_ENDS_MAX of them. */
uint32_t stack_tree_end(const struct arena *arena, uint64_t why);
