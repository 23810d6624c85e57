/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/texts.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct go_text_entry {
	uint32_t number;
	UT_hash_handle hh;
	char bytes[];
};

static uint32_t add(struct go_texts *texts, const void *bytes, size_t size)
{
	struct go_text_entry *entry = memory_allocate(sizeof *entry + size + 1);
	if (size)
		memcpy(entry->bytes, bytes, size);
	entry->number = (uint32_t)texts->count;
	HASH_ADD_KEYPTR(hh, texts->entries, entry->bytes, size, entry);
	MEMORY_GROW(texts->texts, texts->count, texts->capacity);
	texts->texts[texts->count++] = (struct go_text){entry->bytes, (uint32_t)size};
	return entry->number;
}

enum { NUMBER_OF_EMPTY, NUMBER_OF_OVERFLOW };

void go_texts_init(struct go_texts *texts, uint64_t limit)
{
	*texts = (struct go_texts){.limit = limit};
	add(texts, "", 0);
	add(texts, GO_TEXTS_OVERFLOW, strlen(GO_TEXTS_OVERFLOW));
}

void go_texts_fini(struct go_texts *texts)
{
	struct go_text_entry *entry, *next;
	HASH_ITER (hh, texts->entries, entry, next) {
		HASH_DEL(texts->entries, entry);
		free(entry);
	}
	free(texts->texts);
	*texts = (struct go_texts){0};
}

uint32_t go_texts_intern(struct go_texts *texts, const void *bytes, size_t size)
{
	if (!size)
		return NUMBER_OF_EMPTY;
	struct go_text_entry *entry;
	HASH_FIND(hh, texts->entries, bytes, size, entry);
	if (entry)
		return entry->number;
	if (texts->count >= texts->limit) {
		texts->refused++;
		return NUMBER_OF_OVERFLOW;
	}
	return add(texts, bytes, size);
}
