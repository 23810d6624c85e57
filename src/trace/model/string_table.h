/* SPDX-License-Identifier: Apache-2.0 */
/* string_table.h — the texts of a trace that events name by number.
 *
 * Promise:  texts are clean (clean_text.h); a number given twice keeps its first text.
 * Memory:   the texts themselves and about 50 bytes each.
 */
#pragma once
#include "trace/model/key_map.h"

struct string_table {
	struct key_map numbers;
	char **texts; /* owned */
	size_t count, capacity;
};

void string_table_fini(struct string_table *table);

/* Takes the text. */
void string_table_add(struct string_table *table, uint64_t id, char *text);

/* The text, alive as long as the table; NULL when there is none. */
const char *string_table_find(const struct string_table *table, uint64_t id);
