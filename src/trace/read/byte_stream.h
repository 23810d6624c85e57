/* SPDX-License-Identifier: Apache-2.0 */
/* byte_stream.h — the bytes of a file, a pipe or memory from beginning to end, with gzip and zstd seen through.
 *
 * Words:    a source gives bytes as they are stored; the stream gives them as they were before they were compressed.
 * Promise:  what was looked at stays in place until it is taken; nothing is read twice, so a pipe will do. Several compressed pieces
 *           behind one another read as one.
 * Hostile:  memory is BYTE_STREAM_ROOM twice, and what the decompressor needs (for zstd at most 2^BYTE_STREAM_WINDOW_LOG bytes).
 * Threads:  one stream, one thread.
 */
#pragma once
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	BYTE_STREAM_ROOM = 256 * 1024, /* bytes that can be looked at together */
	BYTE_STREAM_WINDOW_LOG = 26,
};

/* read: how many bytes it gave, at most `size`; 0 at the end; -1 with an error. */
struct byte_source {
	ssize_t (*read)(void *state, uint8_t *to, size_t size, struct error *out_error);
	void *state;
};

/* Of an open descriptor; *fd must outlive the source. */
struct byte_source byte_source_descriptor(const int *fd);

struct byte_span {
	const uint8_t *bytes;
	size_t size;
};

/* Of bytes in memory; *rest must outlive the source and shrinks as it is read. */
struct byte_source byte_source_memory(struct byte_span *rest);

/* `front`, then the source: for bytes that were already read in order to see what they are. *front is copied. */
struct byte_stream *byte_stream_open(struct byte_source source, struct byte_span front,
				     struct error *out_error);
void byte_stream_close(struct byte_stream *stream);

/* At least `size` bytes (at most BYTE_STREAM_ROOM / 2), fewer only at the end. Valid until the next look. -1 with an error
 * when the source fails or is not what its compressor wrote. */
int byte_stream_look(struct byte_stream *stream, size_t size, struct byte_span *out_span,
		     struct error *out_error);

/* Moves on over bytes that were looked at. */
void byte_stream_take(struct byte_stream *stream, size_t size);

/* How many bytes were taken: the position, before compression. */
uint64_t byte_stream_position(const struct byte_stream *stream);
