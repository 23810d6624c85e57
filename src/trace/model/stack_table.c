/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/stack_table.h"
#include "base/memory.h"
#include <stdlib.h>

void stack_table_fini(struct stack_table *table)
{
	free(table->nodes);
	key_map_fini(&table->numbers);
	*table = (struct stack_table){0};
}

void stack_table_add(struct stack_table *table, uint64_t process, uint64_t number, struct stack_node node)
{
	uint32_t *index = key_map_intern(&table->numbers, (struct map_key){{process, number}});
	if (*index != KEY_MAP_NONE)
		return;
	*index = (uint32_t)table->count;
	MEMORY_GROW(table->nodes, table->count, table->capacity);
	table->nodes[table->count++] = node;
}

void stack_table_settle(struct stack_table *table, struct clock_map *clock)
{
	for (size_t i = 0; i < table->count; i++)
		table->nodes[i].seen_ns = clock_map_time(clock, table->nodes[i].seen);
}

void stack_table_path(const struct stack_table *table, uint64_t process, uint64_t node,
		      struct stack_path *out_path)
{
	out_path->depth = 0;
	out_path->is_cut = 0;
	for (size_t steps = 0; node; steps++) {
		uint32_t index = key_map_find(&table->numbers, (struct map_key){{process, node}});
		if (index == KEY_MAP_NONE || steps == STACK_DEPTH_MAX) {
			out_path->is_cut = 1;
			return;
		}
		const struct stack_node *found = &table->nodes[index];
		if (found->kind == STACK_NODE_END)
			out_path->is_cut = 1;
		else
			out_path->nodes[out_path->depth++] = found;
		node = found->parent;
	}
}
