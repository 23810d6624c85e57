/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/code_places.h"
#include <stdlib.h>
#include <uthash.h>
#include "base/memory.h"

struct code_place_entry {
	struct code_place place;
	UT_hash_handle hh;
};

void code_places_add(struct code_places *places, struct code_place place)
{
	struct code_place_entry *entry;
	HASH_FIND(hh, places->entries, &place, sizeof place, entry);
	if (entry)
		return;
	entry = memory_allocate(sizeof *entry);
	entry->place = place;
	HASH_ADD(hh, places->entries, place, sizeof place, entry);
}

static int by_place(const void *left, const void *right)
{
	const struct code_place *a = left, *b = right;
	if (a->module != b->module)
		return a->module < b->module ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

struct code_place *code_places_list(const struct code_places *places, size_t *out_count)
{
	size_t count = 0;
	struct code_place *list = memory_resize(NULL, HASH_COUNT(places->entries), sizeof *list);
	for (const struct code_place_entry *entry = places->entries; entry; entry = entry->hh.next)
		list[count++] = entry->place;
	if (count)
		qsort(list, count, sizeof *list, by_place);
	*out_count = count;
	return list;
}

void code_places_fini(struct code_places *places)
{
	struct code_place_entry *entry, *next;
	HASH_ITER (hh, places->entries, entry, next) {
		HASH_DEL(places->entries, entry);
		free(entry);
	}
}
