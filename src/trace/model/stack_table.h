/* SPDX-License-Identifier: Apache-2.0 */
/* stack_table.h — the calling-context trees of all processes: from a stack's number to its addresses.
 *
 * Words:    a stack is named by process and node; node 0 is no stack. An end marker is the outermost node of a stack whose walk
 *           stopped early: such a stack is cut, and is never the same as a whole one with the same addresses.
 * Hostile:  parents may be missing or go in circles: at most STACK_DEPTH_MAX addresses are given, and the stack counts as cut.
 * Memory:   about 80 bytes a node.
 */
#pragma once
#include <stdbool.h>
#include "trace/model/clock_map.h"
#include "trace/model/key_map.h"

enum { STACK_DEPTH_MAX = 256 };

struct stack_node {
	uint64_t parent;
	uint64_t pc;
	struct trace_moment seen; /* when its fact was written */
	uint64_t seen_ns;         /* once settled */
	uint8_t kind;             /* enum stack_node_kind, or what a later writer may know */
};

struct stack_table {
	struct key_map numbers; /* process, node */
	struct stack_node *nodes;
	size_t count, capacity;
};

struct stack_path {
	size_t depth;                                    /* addresses */
	const struct stack_node *nodes[STACK_DEPTH_MAX]; /* leaf first; alive until a node is added */
	bool is_cut;
};

void stack_table_fini(struct stack_table *table);

/* process, node: numbers of the file. The first node of a number stays. */
void stack_table_add(struct stack_table *table, uint64_t process, uint64_t number, struct stack_node node);

/* Turns moments into times; call once when all is in. */
void stack_table_settle(struct stack_table *table, struct clock_map *clock);

/* The addresses of a stack; none and not cut for node 0. */
void stack_table_path(const struct stack_table *table, uint64_t process, uint64_t node,
		      struct stack_path *out_path);
