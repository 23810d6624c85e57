/* SPDX-License-Identifier: Apache-2.0 */
/* byte_store.h — room for the bodies of a generation's batches: grows by segments, so that nothing moves and nothing is copied.
 *
 * Memory:   what was put in, rounded up to BYTE_STORE_SEGMENT; kept for the next generation by byte_store_clear.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { BYTE_STORE_SEGMENT = 1024 * 1024 };

struct byte_store {
	uint8_t **segments;
	size_t segment_count, segment_capacity;
	size_t current; /* segment being filled */
	size_t used;    /* bytes of it */
};

/* All zero is empty. */
void byte_store_fini(struct byte_store *store);
void byte_store_clear(struct byte_store *store);

/* A copy of at most BYTE_STORE_SEGMENT bytes; lives until the store is cleared. */
const uint8_t *byte_store_put(struct byte_store *store, const uint8_t *bytes, size_t size);
