/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/module_cache.h"
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct entry {
	char *path, *build_id;
	struct code_module *module; /* NULL: could not be opened */
};

struct module_cache {
	struct entry entries[MODULES_OPEN_MAX]; /* asked about last first */
	size_t count;
};

struct module_cache *module_cache_create(void)
{
	return memory_allocate(sizeof(struct module_cache));
}

static void forget(struct entry *entry)
{
	code_module_close(entry->module);
	free(entry->path);
	free(entry->build_id);
}

void module_cache_destroy(struct module_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < cache->count; i++)
		forget(&cache->entries[i]);
	free(cache);
}

static struct entry take(struct module_cache *cache, const char *path, const char *build_id)
{
	for (size_t i = 0; i < cache->count; i++) {
		struct entry entry = cache->entries[i];
		if (strcmp(entry.path, path) == 0 && strcmp(entry.build_id, build_id) == 0) {
			cache->count--;
			memmove(&cache->entries[i], &cache->entries[i + 1],
				(cache->count - i) * sizeof entry);
			return entry;
		}
	}
	if (cache->count == MODULES_OPEN_MAX)
		forget(&cache->entries[--cache->count]);
	return (struct entry){
		.path = memory_copy_text(path, strlen(path)),
		.build_id = memory_copy_text(build_id, strlen(build_id)),
		.module = code_module_open(path, build_id),
	};
}

struct code_module *module_cache_borrow(struct module_cache *cache, const char *path, const char *build_id)
{
	struct entry entry = take(cache, path, build_id);
	memmove(&cache->entries[1], &cache->entries[0], cache->count * sizeof entry);
	cache->entries[0] = entry;
	cache->count++;
	return entry.module;
}
