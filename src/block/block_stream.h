/* SPDX-License-Identifier: Apache-2.0 */
/* block_stream.h — block after block from a source, over damage and up to where it was cut.
 *
 * Damage:  behind a damaged payload it goes on at the next block; where no header stands it looks for the next
 *          bytes that are one.
 * Memory:  one block as stored and one unpacked.
 */
#pragma once
#include "base/error.h"
#include "block/block.h"
#include "block/trace_source.h"

struct block_stream {
	struct trace_source source;
	uint64_t offset; /* where the next header should stand */
	struct trace_condition condition;
	struct block_unpacker *unpacker;
	uint8_t *stored;
	size_t stored_capacity;
};

/* Begins at `offset`. */
void block_stream_init(struct block_stream *stream, struct trace_source source, uint64_t offset);
void block_stream_fini(struct block_stream *stream);

/* The next whole block: 1, 0 behind the end mark or at the cut, -1 with an error when the source fails.
 * The payload (of out_header->size bytes) lives until the next call. */
int block_stream_next(struct block_stream *stream, struct block_header *out_header,
		      const uint8_t **out_payload, struct error *out_error);

/* The block whose header stands at `offset`, the same way; 0 when there is no whole block. Moves and counts
 * nothing. */
int block_stream_at(struct block_stream *stream, uint64_t offset, struct block_header *out_header,
		    const uint8_t **out_payload, struct error *out_error);

/* Counts damage at `offset`. */
void block_stream_note_damage(struct block_stream *stream, uint64_t offset);
