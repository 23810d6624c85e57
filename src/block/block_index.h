/* SPDX-License-Identifier: Apache-2.0 */
/* block_index.h — where a file's blocks of events are and what times they hold: the payload of the index
 * block.
 *
 * Full:     an entry stands for all blocks up to the next entry; when there would be too many entries,
 *           neighbours become one, so that a recording of any length has an index of bounded size.
 * Hostile:  the payload may be anything.
 */
#pragma once
#include "record/clock.h"
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_INDEX_MAX = 65536 }; /* entries; a recording of 18 hours at a block a second */

/* Blocks that a reader may begin with who looks for a time, in the order of the file. */
struct trace_index_entry {
	uint64_t offset;     /* of the first of its blocks, bytes */
	uint64_t events;     /* in all of them */
	uint64_t first_time; /* ticks of `clock`: the least time in them */
	uint64_t last_time;  /* the greatest */
	enum trace_clock clock;
};

struct block_index {
	struct trace_index_entry *entries;
	size_t count, capacity;
};

void block_index_fini(struct block_index *index);
void block_index_add(struct block_index *index, const struct trace_index_entry *entry);

/* The payload on the heap; the caller frees it. */
uint8_t *block_index_encode(const struct block_index *index, size_t *out_size);

/* 0; -1 when the payload is malformed. */
int block_index_decode(struct block_index *index, const uint8_t *payload, size_t size);

/* The payload of the end block: where the index block is. */
enum { BLOCK_INDEX_PLACE_SIZE = 8 };
void block_index_place_encode(uint64_t offset, uint8_t out_bytes[BLOCK_INDEX_PLACE_SIZE]);
uint64_t block_index_place_decode(const uint8_t bytes[BLOCK_INDEX_PLACE_SIZE]);
