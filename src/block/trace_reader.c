/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_reader.h"
#include "base/memory.h"
#include "block/block_stream.h"
#include "block/file_head.h"
#include "block/schema_block.h"
#include <stdbool.h>
#include <errno.h>
#include <stdlib.h>

/* A block of events is a row of slices:
 *
 *   | thread | time | address | size | events … | thread | time | address | size | events … |
 *   '------- head, varints ---------'           '
 *
 * `at` … `slice_end` is what is left of the current slice, behind it up to `block_end` come the others.
 */
struct trace_reader {
	const uint8_t *at, *slice_end, *block_end;
	struct event_registers registers;
	const struct event_schema *schema;
	struct trace_slice slice;

	uint64_t block_offset; /* of the current block in the file */
	struct block_stream stream;
	struct schema_table file_schema; /* when the file's was read */
	uint32_t schema_checksum;        /* blocks written with another schema cannot be read */
	struct block_index index;
	bool has_looked_for_index;
};

/* Blocks name their schema by checksum, so a file whose own table is damaged can still be read if ours is the
 * same. */
static void assume_own_schema(struct trace_reader *reader)
{
	size_t size;
	uint8_t *payload = schema_encode(&event_schema_own, &size);
	reader->schema_checksum = block_checksum(payload, size);
	reader->schema = &event_schema_own;
	free(payload);
}

static int read_schema(struct trace_reader *reader, struct error *out_error)
{
	struct block_header header;
	const uint8_t *payload;
	int found = block_stream_at(&reader->stream, FILE_HEAD_SIZE, &header, &payload, out_error);
	if (found < 0)
		return -1;
	if (!found || header.kind != BLOCK_SCHEMA) {
		assume_own_schema(reader);
		return 0;
	}
	if (schema_decode(&reader->file_schema, payload, header.size, out_error))
		return -1;
	reader->schema = &reader->file_schema.schema;
	reader->schema_checksum = block_checksum(payload, header.size);
	return 0;
}

static int check_head(struct trace_reader *reader, struct error *out_error)
{
	struct trace_source *source = &reader->stream.source;
	if (!source->size)
		return error_set(out_error, "the file is empty, nothing was recorded in it");
	uint8_t head[FILE_HEAD_SIZE];
	int64_t size = source->read_at(source->context, 0, head, sizeof head);
	if (size < 0)
		return error_set_errno(out_error, errno, "cannot read the trace");

	unsigned version;
	struct block_header header;
	const uint8_t *payload;
	switch (file_head_check(head, (size_t)size, &version)) {
	case FILE_HEAD_WHOLE:
	case FILE_HEAD_CUT:
		return 0;
	case FILE_HEAD_OTHER_VERSION:
		return error_set(out_error,
				 "the trace is of format version %u and this program reads version %d: use "
				 "another tickbird",
				 version, FILE_MAJOR_VERSION);
	case FILE_HEAD_FOREIGN:
		break;
	}
	int found = block_stream_at(&reader->stream, FILE_HEAD_SIZE, &header, &payload, out_error);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(out_error,
				 "not a Tickbird trace: record one with tickbird run -o FILE -- COMMAND");
	block_stream_note_damage(&reader->stream, 0);
	return 0;
}

struct trace_reader *trace_reader_open(struct trace_source source, struct error *out_error)
{
	struct trace_reader *reader = memory_allocate(sizeof *reader);
	block_stream_init(&reader->stream, source, FILE_HEAD_SIZE);
	if (check_head(reader, out_error) || read_schema(reader, out_error)) {
		trace_reader_close(reader);
		return NULL;
	}
	reader->slice.block = UINT64_MAX;
	reader->slice.number = UINT64_MAX;
	return reader;
}

void trace_reader_close(struct trace_reader *reader)
{
	if (!reader)
		return;
	block_stream_fini(&reader->stream);
	schema_table_fini(&reader->file_schema);
	block_index_fini(&reader->index);
	free(reader);
}

const struct event_schema *trace_reader_schema(const struct trace_reader *reader)
{
	return reader->schema;
}

static void leave_block(struct trace_reader *reader)
{
	reader->at = reader->slice_end = reader->block_end = NULL;
}

static void abandon_block(struct trace_reader *reader)
{
	block_stream_note_damage(&reader->stream, reader->block_offset);
	leave_block(reader);
}

/* Goes to the next block of events: 1, 0 at the end, -1 with an error. */
static int next_block(struct trace_reader *reader, struct error *out_error)
{
	struct block_header header;
	const uint8_t *payload;
	for (;;) {
		int found = block_stream_next(&reader->stream, &header, &payload, out_error);
		if (found <= 0)
			return found;
		if (header.kind != BLOCK_EVENTS)
			continue;
		if (header.schema_checksum == reader->schema_checksum)
			break;
		block_stream_note_damage(&reader->stream, header.offset);
	}
	reader->block_offset = header.offset;
	reader->at = reader->slice_end = payload;
	reader->block_end = payload + header.size;
	reader->slice.block++;
	reader->slice.clock = (enum trace_clock)header.clock;
	return 1;
}

/* Goes to the next slice of the block: 1, 0 when there is none, -1 when it is malformed. */
static int next_slice(struct trace_reader *reader)
{
	const uint8_t *at = reader->slice_end, *end = reader->block_end;
	if (at == end)
		return 0;
	uint64_t thread, size;
	struct event_registers registers;
	if (!((at = wire_get_uint(at, end, &thread)) && (at = wire_get_uint(at, end, &registers.time)) &&
	      (at = wire_get_uint(at, end, &registers.address)) && (at = wire_get_uint(at, end, &size))))
		return -1;
	if (size > (size_t)(end - at))
		return -1;
	reader->slice.thread = thread;
	reader->slice.registers = reader->registers = registers;
	reader->slice.number++;
	reader->at = at;
	reader->slice_end = at + size;
	return 1;
}

int trace_reader_next(struct trace_reader *reader, struct event *out_event,
		      const struct trace_slice **out_slice, struct error *out_error)
{
	for (;;) {
		int decoded = event_decode(reader->schema, &reader->registers, &reader->at, reader->slice_end,
					   out_event);
		if (decoded > 0) {
			*out_slice = &reader->slice;
			return 1;
		}
		int found = decoded < 0 ? -1 : next_slice(reader);
		if (found > 0)
			continue;
		if (found < 0)
			abandon_block(reader);
		else if (reader->block_end)
			reader->stream.condition.blocks_read++;
		leave_block(reader);
		found = next_block(reader, out_error);
		if (found <= 0)
			return found;
	}
}

struct trace_condition trace_reader_condition(const struct trace_reader *reader)
{
	return reader->stream.condition;
}

static void read_index(struct trace_reader *reader)
{
	enum { END_SIZE = BLOCK_HEADER_SIZE + BLOCK_INDEX_PLACE_SIZE };
	struct block_stream stream;
	struct block_header header;
	const uint8_t *payload;
	uint64_t size = reader->stream.source.size;
	if (size < END_SIZE)
		return;
	block_stream_init(&stream, reader->stream.source, 0);
	if (block_stream_at(&stream, size - END_SIZE, &header, &payload, NULL) > 0 &&
	    header.kind == BLOCK_END && header.size == BLOCK_INDEX_PLACE_SIZE &&
	    block_stream_at(&stream, block_index_place_decode(payload), &header, &payload, NULL) > 0 &&
	    header.kind == BLOCK_INDEX)
		block_index_decode(&reader->index, payload, header.size);
	block_stream_fini(&stream);
}

size_t trace_reader_index(struct trace_reader *reader, const struct trace_index_entry **out_entries)
{
	if (!reader->has_looked_for_index)
		read_index(reader);
	reader->has_looked_for_index = true;
	*out_entries = reader->index.entries;
	return reader->index.count;
}
