/* SPDX-License-Identifier: Apache-2.0 */
/* places.h — a Go trace's stacks and names, moved out of their generation into the tables that all traces share.
 *
 * Words:    a node stands for a stack: number in the survey's stack table. A root is the function that a goroutine began with.
 * Promise:  the same stack, told again in each generation, is the same node. Functions and files are told by the trace itself.
 * Memory:   grows with distinct stacks and names; GO_NODES_MAX nodes at most, beyond them stacks are cut.
 */
#pragma once
#include "trace/read/go/order.h"
#include "trace/read/survey.h"

enum { GO_NODES_MAX = 8 * 1024 * 1024 };

struct go_places {
	struct survey *survey;
	struct go_order *order;
	uint64_t process;      /* number */
	struct key_map nodes;  /* parent, frame */
	struct key_map frames; /* function and file, line, pc */
	struct key_map pcs;    /* pc: taken by a frame */
	uint32_t *roots;       /* text of the root function, by node */
	size_t node_count, root_capacity;
	const char **names; /* by text; NULL not asked for yet */
	size_t name_capacity;
	uint64_t refused; /* stacks that were cut: too many nodes */
};

/* All borrowed. process: its number in the survey. */
void go_places_init(struct go_places *places, struct survey *survey, struct go_order *order,
		    uint64_t process);
void go_places_fini(struct go_places *places);

/* The node of a stack id of the generation being read; 0 for none. */
uint64_t go_places_node(struct go_places *places, uint64_t stack_id);

/* The text of the root's function; 0 when the stack has none. */
static inline uint32_t go_places_root(const struct go_places *places, uint64_t node)
{
	return places->roots[node];
}

/* The text, clean, as long as the survey lives. */
const char *go_places_name(struct go_places *places, uint32_t text);
