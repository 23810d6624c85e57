/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/string_table.h"
#include "base/memory.h"
#include <stdlib.h>

void string_table_fini(struct string_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->texts[i]);
	free(table->texts);
	key_map_fini(&table->numbers);
	*table = (struct string_table){0};
}

void string_table_add(struct string_table *table, uint64_t id, char *text)
{
	uint32_t *number = key_map_intern(&table->numbers, (struct map_key){{id}});
	if (*number != KEY_MAP_NONE) {
		free(text);
		return;
	}
	*number = (uint32_t)table->count;
	MEMORY_GROW(table->texts, table->count, table->capacity);
	table->texts[table->count++] = text;
}

const char *string_table_find(const struct string_table *table, uint64_t id)
{
	uint32_t number = key_map_find(&table->numbers, (struct map_key){{id}});
	return number == KEY_MAP_NONE ? NULL : table->texts[number];
}
