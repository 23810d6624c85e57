/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/byte_store.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void byte_store_fini(struct byte_store *store)
{
	for (size_t i = 0; i < store->segment_count; i++)
		free(store->segments[i]);
	free(store->segments);
	*store = (struct byte_store){0};
}

void byte_store_clear(struct byte_store *store)
{
	store->current = 0;
	store->used = 0;
}

const uint8_t *byte_store_put(struct byte_store *store, const uint8_t *bytes, size_t size)
{
	if (store->segment_count && store->used + size > BYTE_STORE_SEGMENT) {
		store->current++;
		store->used = 0;
	}
	if (store->current == store->segment_count) {
		MEMORY_GROW(store->segments, store->segment_count, store->segment_capacity);
		store->segments[store->segment_count++] = memory_resize(NULL, BYTE_STORE_SEGMENT, 1);
	}
	uint8_t *to = store->segments[store->current] + store->used;
	if (size)
		memcpy(to, bytes, size);
	store->used += size;
	return to;
}
