/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/id_table.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void id_table_fini(struct id_table *table)
{
	free(table->dense);
	key_map_fini(&table->sparse);
	*table = (struct id_table){0};
}

size_t id_table_fill(struct id_table *table, size_t count, uint64_t (*id_of)(const void *entries, size_t i),
		     const void *entries)
{
	size_t repeated = 0, size = 4 * count + 64;
	if (size > table->dense_capacity) {
		free(table->dense);
		table->dense = memory_resize(NULL, size, sizeof *table->dense);
		table->dense_capacity = size;
	}
	table->dense_size = size;
	memset(table->dense, 0, size * sizeof *table->dense);
	key_map_clear(&table->sparse);
	for (size_t i = 0; i < count; i++) {
		uint64_t id = id_of(entries, i);
		if (id < size) {
			repeated += table->dense[id] != 0;
			if (!table->dense[id])
				table->dense[id] = (uint32_t)i + 1;
			continue;
		}
		uint32_t *entry = key_map_intern(&table->sparse, (struct map_key){{id}});
		repeated += *entry != KEY_MAP_NONE;
		if (*entry == KEY_MAP_NONE)
			*entry = (uint32_t)i;
	}
	return repeated;
}
