/* SPDX-License-Identifier: Apache-2.0 */
#include "block/block_stream.h"
#include "base/memory.h"
#include <stdbool.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SEARCH_WINDOW = 64 * 1024 };

enum found { FOUND_NOTHING, FOUND_HEADER, FOUND_DAMAGED_BLOCK, FOUND_BLOCK };

void block_stream_init(struct block_stream *stream, struct trace_source source, uint64_t offset)
{
	*stream = (struct block_stream){
		.source = source, .offset = offset, .unpacker = block_unpacker_create()};
	stream->condition.is_cut = true;
	stream->condition.cut_at = offset < source.size ? offset : source.size;
}

void block_stream_fini(struct block_stream *stream)
{
	block_unpacker_destroy(stream->unpacker);
	free(stream->stored);
}

void block_stream_note_damage(struct block_stream *stream, uint64_t offset)
{
	if (!stream->condition.blocks_damaged++)
		stream->condition.first_damage_at = offset;
}

/* Reads up to `size` bytes into stream->stored: how many, or -1 with an error. */
static int64_t load(struct block_stream *stream, uint64_t offset, size_t size, struct error *out_error)
{
	if (size > stream->stored_capacity) {
		stream->stored = memory_resize(stream->stored, size, 1);
		stream->stored_capacity = size;
	}
	int64_t count = stream->source.read_at(stream->source.context, offset, stream->stored, size);
	if (count < 0)
		return error_set_errno(out_error, errno, "cannot read the trace");
	return count;
}

static bool is_within(const struct block_stream *stream, uint64_t offset, uint64_t size)
{
	return offset <= stream->source.size && size <= stream->source.size - offset;
}

/* What stands at `offset`: enum found, or -1. */
static int look(struct block_stream *stream, uint64_t offset, struct block_header *out_header,
		const uint8_t **out_payload, struct error *out_error)
{
	if (!is_within(stream, offset, BLOCK_HEADER_SIZE))
		return FOUND_NOTHING;
	int64_t count = load(stream, offset, BLOCK_HEADER_SIZE, out_error);
	if (count < 0)
		return -1;
	if (count < BLOCK_HEADER_SIZE || block_header_decode(stream->stored, offset, out_header))
		return FOUND_NOTHING;

	if (!is_within(stream, offset + BLOCK_HEADER_SIZE, out_header->stored_size))
		return FOUND_HEADER;
	count = load(stream, offset + BLOCK_HEADER_SIZE, out_header->stored_size, out_error);
	if (count < 0)
		return -1;
	if (count < out_header->stored_size)
		return FOUND_HEADER;
	*out_payload = block_unpack(stream->unpacker, out_header, stream->stored);
	return *out_payload ? FOUND_BLOCK : FOUND_DAMAGED_BLOCK;
}

int block_stream_at(struct block_stream *stream, uint64_t offset, struct block_header *out_header,
		    const uint8_t **out_payload, struct error *out_error)
{
	int found = look(stream, offset, out_header, out_payload, out_error);
	return found < 0 ? -1 : found == FOUND_BLOCK;
}

/* Moves to the next header at or behind `offset`: 1, 0 when there is none, -1 with an error. */
static int search(struct block_stream *stream, uint64_t offset, struct error *out_error)
{
	while (is_within(stream, offset, BLOCK_HEADER_SIZE)) {
		int64_t count = load(stream, offset, SEARCH_WINDOW, out_error);
		if (count < 0)
			return -1;
		if (count < BLOCK_HEADER_SIZE)
			return 0;
		/* A header that begins in the last bytes of the window is found again in the next window. */
		size_t starts = (size_t)count - BLOCK_HEADER_SIZE + 1;
		const uint8_t *at = stream->stored, *end = stream->stored + starts + BLOCK_MARK_SIZE - 1;
		struct block_header header;
		while ((at = memmem(at, (size_t)(end - at), block_mark, BLOCK_MARK_SIZE))) {
			uint64_t header_offset = offset + (uint64_t)(at - stream->stored);
			if (!block_header_decode(at, header_offset, &header)) {
				stream->offset = header_offset;
				return 1;
			}
			at++;
		}
		offset += starts;
	}
	return 0;
}

int block_stream_next(struct block_stream *stream, struct block_header *out_header,
		      const uint8_t **out_payload, struct error *out_error)
{
	while (stream->condition.is_cut) {
		uint64_t offset = stream->offset;
		struct block_header header;
		int found = look(stream, offset, &header, out_payload, out_error);
		switch (found) {
		case FOUND_NOTHING:
			if (!is_within(stream, offset, BLOCK_HEADER_SIZE))
				return 0;
			block_stream_note_damage(stream, offset);
			stream->offset = stream->source.size;
			found = search(stream, offset + 1, out_error);
			if (found <= 0)
				return found;
			break;
		case FOUND_HEADER:
			return 0;
		case FOUND_DAMAGED_BLOCK:
			block_stream_note_damage(stream, offset);
			stream->offset = offset + BLOCK_HEADER_SIZE + header.stored_size;
			break;
		case FOUND_BLOCK:
			stream->offset = offset + BLOCK_HEADER_SIZE + header.stored_size;
			stream->condition.cut_at = stream->offset;
			if (header.kind == BLOCK_END)
				stream->condition.is_cut = false;
			*out_header = header;
			return 1;
		default:
			return -1;
		}
	}
	return 0;
}
