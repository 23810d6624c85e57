/* SPDX-License-Identifier: Apache-2.0 */
/* id_table.h — from the ids of a generation's strings or stacks to their entries.
 *
 * The runtime counts ids from 1, so that an array does; a trace in which they are scattered is looked up in a map.
 * Memory:   4 bytes an id when they are close together, else 43 at most.
 */
#pragma once
#include "trace/model/key_map.h"

struct id_table {
	uint32_t *dense; /* entry + 1 by id; 0 none */
	size_t dense_size, dense_capacity;
	struct key_map sparse;
};

/* All zero is empty. */
void id_table_fini(struct id_table *table);

/* Takes the ids of entries 0 to count - 1, the first of each id counts, instead of what it held. id_of(entries, i) tells one.
 * Returns how many were told before. */
size_t id_table_fill(struct id_table *table, size_t count, uint64_t (*id_of)(const void *entries, size_t i),
		     const void *entries);

enum { ID_TABLE_NONE = UINT32_MAX };

/* The entry, or ID_TABLE_NONE. */
static inline uint32_t id_table_find(const struct id_table *table, uint64_t id)
{
	if (id < table->dense_size)
		return table->dense[id] - 1;
	return key_map_find(&table->sparse, (struct map_key){{id}});
}
_Static_assert((uint32_t)ID_TABLE_NONE == (uint32_t)KEY_MAP_NONE, "both tables say none alike");
