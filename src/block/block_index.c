/* SPDX-License-Identifier: Apache-2.0 */
#include "block/block_index.h"
#include "base/memory.h"
#include "record/wire.h"
#include <endian.h>
#include <stdlib.h>

enum { ENTRY_FIELDS = 5 };

void block_index_fini(struct block_index *index)
{
	free(index->entries);
	*index = (struct block_index){0};
}

/* Times of two clocks cannot be compared: what spans both may hold any time. */
static struct trace_index_entry joined(const struct trace_index_entry *a, const struct trace_index_entry *b)
{
	struct trace_index_entry entry = {
		.offset = a->offset, .events = a->events + b->events, .clock = b->clock};
	if (a->clock != b->clock) {
		entry.last_time = UINT64_MAX;
		return entry;
	}
	entry.first_time = a->first_time < b->first_time ? a->first_time : b->first_time;
	entry.last_time = a->last_time > b->last_time ? a->last_time : b->last_time;
	return entry;
}

void block_index_add(struct block_index *index, const struct trace_index_entry *entry)
{
	if (index->count == BLOCK_INDEX_MAX) {
		for (size_t i = 0; i < BLOCK_INDEX_MAX / 2; i++)
			index->entries[i] = joined(&index->entries[2 * i], &index->entries[2 * i + 1]);
		index->count /= 2;
	}
	MEMORY_GROW(index->entries, index->count, index->capacity);
	index->entries[index->count++] = *entry;
}

uint8_t *block_index_encode(const struct block_index *index, size_t *out_size)
{
	uint8_t *payload = memory_allocate((1 + ENTRY_FIELDS * index->count) * WIRE_VARINT_MAX);
	uint8_t *at = wire_put_uint(payload, index->count);
	uint64_t offset = 0, time = 0;
	for (size_t i = 0; i < index->count; i++) {
		const struct trace_index_entry *entry = &index->entries[i];
		at = wire_put_uint(at, entry->offset - offset);
		at = wire_put_uint(at, entry->events);
		at = wire_put_uint(at, entry->clock);
		at = wire_put_sint(at, (int64_t)(entry->first_time - time));
		at = wire_put_uint(at, entry->last_time - entry->first_time);
		offset = entry->offset;
		time = entry->first_time;
	}
	*out_size = (size_t)(at - payload);
	return payload;
}

/* Reads the entry behind `previous`; NULL when it is malformed. */
static const uint8_t *get_entry(const uint8_t *at, const uint8_t *end,
				const struct trace_index_entry *previous, struct trace_index_entry *out_entry)
{
	uint64_t distance, events, clock, duration;
	int64_t time_distance;
	if (!((at = wire_get_uint(at, end, &distance)) && (at = wire_get_uint(at, end, &events)) &&
	      (at = wire_get_uint(at, end, &clock)) && (at = wire_get_sint(at, end, &time_distance)) &&
	      (at = wire_get_uint(at, end, &duration))))
		return NULL;
	if (clock >= TRACE_CLOCK_COUNT || distance > UINT64_MAX - previous->offset)
		return NULL;
	uint64_t first_time = previous->first_time + (uint64_t)time_distance;
	*out_entry = (struct trace_index_entry){previous->offset + distance, events, first_time,
						first_time + duration, (enum trace_clock)clock};
	return at;
}

int block_index_decode(struct block_index *index, const uint8_t *payload, size_t size)
{
	const uint8_t *at = payload, *end = payload + size;
	uint64_t count;
	at = wire_get_uint(at, end, &count);
	if (!at || count > BLOCK_INDEX_MAX || count > size / ENTRY_FIELDS)
		return -1;

	struct trace_index_entry *entries = memory_allocate(count * sizeof *entries);
	struct trace_index_entry previous = {0};
	for (size_t i = 0; at && i < count; i++) {
		at = get_entry(at, end, &previous, &entries[i]);
		previous = entries[i];
	}
	if (at != end) {
		free(entries);
		return -1;
	}
	*index = (struct block_index){entries, count, count};
	return 0;
}

void block_index_place_encode(uint64_t offset, uint8_t out_bytes[BLOCK_INDEX_PLACE_SIZE])
{
	offset = htole64(offset);
	memcpy(out_bytes, &offset, sizeof offset);
}

uint64_t block_index_place_decode(const uint8_t bytes[BLOCK_INDEX_PLACE_SIZE])
{
	uint64_t offset;
	memcpy(&offset, bytes, sizeof offset);
	return le64toh(offset);
}
