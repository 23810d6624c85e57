/* SPDX-License-Identifier: Apache-2.0 */
/* stack_tree.h — the calling-context tree of the process: a stack as one small number.
 *
 * Words:    a node is a frame below its caller's node; a stack is the number of its leaf's node. A stack that ended
 *           early hangs below an end marker that says why, so that it never merges with a whole one.
 * Threads:  any, lock-free; the tree lives in the arena. Safe in a signal handler. A node never changes once found.
 * Full:     stack_tree_find returns 0, "no stack".
 */
#pragma once
#include "record/arena.h"
#include "record/event_types.h"

/* The number of the node, made when `may_make` and it is not there; 0 when it is not there, or the tree is full. */
uint32_t stack_tree_find(const struct arena *arena, uint32_t parent, uint64_t pc, enum stack_node_kind kind,
			 int may_make);
