/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_writer.h"
#include "base/memory.h"
#include "block/block.h"
#include "block/block_index.h"
#include "block/file_head.h"
#include "block/schema_block.h"
#include <stdbool.h>
#include <assert.h>
#include <stdlib.h>

/* A slice of facts that has grown to this size is closed and another one begun. */
enum { FACTS_GOAL = 256 * 1024, SLICE_HEAD_MAX = 4 * WIRE_VARINT_MAX };
static_assert(SLICE_HEAD_MAX + TRACE_SLICE_MAX <= BLOCK_SIZE_MAX, "a slice fits into a block");

/* A slice as gathered: what its head will say, and where in `bytes` its events are. */
struct piece {
	uint64_t thread;
	enum trace_clock clock;
	struct event_registers registers;
	size_t start;
	size_t size;
	uint64_t events;
	uint64_t first_time, last_time;
};

/* The slices of a segment. Facts and threads' slices are gathered apart, since facts arrive in between but go
 * first. */
struct gathering {
	struct piece *pieces;
	size_t count, piece_capacity;
	uint8_t *bytes;
	size_t size, capacity;
};

struct trace_writer {
	struct trace_sink sink;
	struct gathering facts, slices;

	/* The cursor's event is not yet part of the facts: settle_fact takes it in. */
	struct event_cursor cursor;
	uint8_t *cursor_start;
	struct event_registers cursor_registers;

	const struct event_schema *schema;
	uint32_t schema_checksum;
	struct block_packer *packer;
	uint8_t *payload; /* of the block being put together */
	size_t payload_capacity;
	struct block_index index;

	uint64_t bytes_written;
	uint64_t events;
	bool has_begun;
	bool has_failed; /* error holds the first failure */
	bool is_broken;  /* the sink has refused */
	struct error error;
};

static void fail(struct trace_writer *writer, const struct error *error)
{
	if (!writer->has_failed)
		writer->error = *error;
	writer->has_failed = true;
}

static void write_bytes(struct trace_writer *writer, const void *bytes, size_t size)
{
	if (writer->is_broken || !size)
		return;
	int error_number = writer->sink.write(writer->sink.context, bytes, size);
	if (!error_number) {
		writer->bytes_written += size;
		return;
	}
	struct error error;
	error_set_errno(&error, error_number, "cannot write the trace");
	fail(writer, &error);
	writer->is_broken = true;
}

static void write_block(struct trace_writer *writer, struct block_header *header, const uint8_t *payload,
			size_t size)
{
	uint8_t bytes[BLOCK_HEADER_SIZE];
	const uint8_t *stored = block_pack(writer->packer, payload, size, header);
	header->offset = writer->bytes_written;
	header->schema_checksum = writer->schema_checksum;
	block_header_encode(header, bytes);
	write_bytes(writer, bytes, sizeof bytes);
	write_bytes(writer, stored, header->stored_size);
}

struct trace_writer *trace_writer_create(struct trace_sink sink)
{
	return trace_writer_create_for(sink, &event_schema_own);
}

struct trace_writer *trace_writer_create_for(struct trace_sink sink, const struct event_schema *schema)
{
	struct trace_writer *writer = memory_allocate(sizeof *writer);
	writer->sink = sink;
	writer->schema = schema;
	writer->packer = block_packer_create();
	return writer;
}

static void begin(struct trace_writer *writer)
{
	writer->has_begun = true;
	uint8_t head[FILE_HEAD_SIZE];
	file_head_encode(head);
	write_bytes(writer, head, sizeof head);

	size_t size;
	uint8_t *payload = schema_encode(writer->schema, &size);
	writer->schema_checksum = block_checksum(payload, size);
	write_block(writer, &(struct block_header){.kind = BLOCK_SCHEMA}, payload, size);
	free(payload);
}

static void gathering_fini(struct gathering *gathering)
{
	free(gathering->pieces);
	free(gathering->bytes);
}

void trace_writer_destroy(struct trace_writer *writer)
{
	if (!writer)
		return;
	gathering_fini(&writer->facts);
	gathering_fini(&writer->slices);
	block_packer_destroy(writer->packer);
	block_index_fini(&writer->index);
	free(writer->payload);
	free(writer);
}

static uint8_t *make_room(struct gathering *gathering, size_t size)
{
	size_t needed = gathering->size + size;
	if (needed > gathering->capacity) {
		size_t capacity = gathering->capacity ? gathering->capacity : 4096;
		while (capacity < needed)
			capacity *= 2;
		gathering->bytes = memory_resize(gathering->bytes, capacity, 1);
		gathering->capacity = capacity;
	}
	return gathering->bytes + gathering->size;
}

static struct piece *add_piece(struct gathering *gathering, struct piece piece)
{
	MEMORY_GROW(gathering->pieces, gathering->count, gathering->piece_capacity);
	gathering->pieces[gathering->count] = piece;
	return &gathering->pieces[gathering->count++];
}

static void settle_fact(struct trace_writer *writer)
{
	const uint8_t *at = writer->cursor_start, *end = writer->cursor.at;
	if (at == end)
		return;
	struct event event;
	struct piece *piece = &writer->facts.pieces[writer->facts.count - 1];
	if (event_decode(&event_schema_own, &writer->cursor_registers, &at, end, &event) != 1 || at != end) {
		writer->cursor.at = writer->cursor_start;
		struct error error;
		error_set(&error, "a fact of %zu bytes is malformed or too big",
			  (size_t)(end - writer->cursor_start));
		fail(writer, &error);
		return;
	}
	uint64_t start = event.time - event.duration;
	if (!piece->events || start < piece->first_time)
		piece->first_time = start;
	if (!piece->events || event.time > piece->last_time)
		piece->last_time = event.time;
	piece->events++;
	piece->size += (size_t)(end - writer->cursor_start);
	writer->facts.size += (size_t)(end - writer->cursor_start);
	writer->cursor_start = writer->cursor.at;
	writer->events++;
}

struct event_cursor *trace_writer_fact(struct trace_writer *writer, enum trace_clock clock, size_t most)
{
	settle_fact(writer);
	struct gathering *facts = &writer->facts;
	struct piece *last = facts->count ? &facts->pieces[facts->count - 1] : NULL;
	if (!last || last->clock != clock || last->size >= FACTS_GOAL) {
		if (!last || last->clock != clock)
			writer->cursor_registers = (struct event_registers){0};
		add_piece(facts, (struct piece){.clock = clock,
						.registers = writer->cursor_registers,
						.start = facts->size});
	}
	writer->cursor_start = make_room(facts, most);
	writer->cursor = (struct event_cursor){writer->cursor_start, writer->cursor_registers};
	return &writer->cursor;
}

void trace_writer_slice(struct trace_writer *writer, uint64_t thread, enum trace_clock clock,
			struct event_registers registers, const void *bytes, size_t size, uint64_t events,
			uint64_t first_time, uint64_t last_time)
{
	if (!size)
		return;
	if (size > TRACE_SLICE_MAX) {
		struct error error;
		error_set(&error, "a slice of %zu bytes is too big, the most is %d", size, TRACE_SLICE_MAX);
		fail(writer, &error);
		return;
	}
	struct gathering *slices = &writer->slices;
	add_piece(slices, (struct piece){thread, clock, registers, slices->size, size, events, first_time,
					 last_time});
	memcpy(make_room(slices, size), bytes, size);
	slices->size += size;
	writer->events += events;
}

/* The block that slices are being put into: `size` bytes of writer->payload so far. */
struct open_block {
	struct block_header header;
	size_t size;
};

static void close_block(struct trace_writer *writer, struct open_block *block)
{
	if (block->size) {
		block->header.kind = BLOCK_EVENTS;
		write_block(writer, &block->header, writer->payload, block->size);
		block_index_add(&writer->index,
				&(struct trace_index_entry){.offset = block->header.offset,
							    .events = block->header.events,
							    .first_time = block->header.first_time,
							    .last_time = block->header.last_time,
							    .clock = block->header.clock});
	}
	*block = (struct open_block){0};
}

static void put_piece(struct trace_writer *writer, struct open_block *block, const struct piece *piece,
		      const uint8_t *bytes)
{
	if (block->size && (block->header.clock != piece->clock ||
			    block->size + SLICE_HEAD_MAX + piece->size > TRACE_BLOCK_GOAL))
		close_block(writer, block);

	size_t most = block->size + SLICE_HEAD_MAX + piece->size;
	if (most > writer->payload_capacity) {
		writer->payload_capacity = most > TRACE_BLOCK_GOAL ? most : TRACE_BLOCK_GOAL;
		writer->payload = memory_resize(writer->payload, writer->payload_capacity, 1);
	}
	uint8_t *at = writer->payload + block->size;
	at = wire_put_uint(at, piece->thread);
	at = wire_put_uint(at, piece->registers.time);
	at = wire_put_uint(at, piece->registers.address);
	at = wire_put_text(at, bytes + piece->start, piece->size);

	struct block_header *header = &block->header;
	if (!block->size || piece->first_time < header->first_time)
		header->first_time = piece->first_time;
	if (!block->size || piece->last_time > header->last_time)
		header->last_time = piece->last_time;
	header->clock = (uint8_t)piece->clock;
	header->events += piece->events;
	block->size = (size_t)(at - writer->payload);
}

static void put_gathering(struct trace_writer *writer, struct open_block *block, struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		if (gathering->pieces[i].size)
			put_piece(writer, block, &gathering->pieces[i], gathering->bytes);
	gathering->count = 0;
	gathering->size = 0;
}

void trace_writer_flush(struct trace_writer *writer)
{
	if (!writer->has_begun)
		begin(writer);
	settle_fact(writer);
	writer->cursor = (struct event_cursor){0};
	writer->cursor_start = NULL;

	struct open_block block = {0};
	put_gathering(writer, &block, &writer->facts);
	put_gathering(writer, &block, &writer->slices);
	close_block(writer, &block);
}

int trace_writer_finish(struct trace_writer *writer, struct error *out_error)
{
	trace_writer_flush(writer);

	uint8_t end[BLOCK_INDEX_PLACE_SIZE];
	block_index_place_encode(writer->bytes_written, end);
	size_t size;
	uint8_t *payload = block_index_encode(&writer->index, &size);
	write_block(writer, &(struct block_header){.kind = BLOCK_INDEX, .events = writer->index.count},
		    payload, size);
	free(payload);
	write_block(writer, &(struct block_header){.kind = BLOCK_END}, end, sizeof end);

	if (writer->has_failed)
		return error_set(out_error, "%s", writer->error.text);
	return 0;
}

uint64_t trace_writer_bytes(const struct trace_writer *writer)
{
	return writer->bytes_written;
}

uint64_t trace_writer_events(const struct trace_writer *writer)
{
	return writer->events + (writer->cursor.at != writer->cursor_start);
}

size_t trace_writer_pending(const struct trace_writer *writer)
{
	return writer->facts.size + writer->slices.size + (size_t)(writer->cursor.at - writer->cursor_start);
}
