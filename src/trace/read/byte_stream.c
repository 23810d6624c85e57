/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/byte_stream.h"
#include "base/memory.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <stdbool.h>

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

enum { MARK_SIZE = 4 };

struct byte_stream {
	struct byte_source source;
	enum packing packing;

	uint8_t *room; /* what is given */
	size_t start, end;
	uint64_t position; /* of start */
	bool is_at_end;

	uint8_t *packed; /* as the source gave it; when packed */
	size_t packed_start, packed_end;
	bool is_source_at_end;
	bool is_inside; /* a compressed piece has begun and not ended */
	z_stream gzip;
	ZSTD_DStream *zstd;
};

static ssize_t descriptor_read(void *state, uint8_t *to, size_t size, struct error *out_error)
{
	for (;;) {
		ssize_t got = read(*(const int *)state, to, size);
		if (got >= 0)
			return got;
		if (errno != EINTR)
			return error_set_errno(out_error, errno, "cannot read");
	}
}

struct byte_source byte_source_descriptor(const int *fd)
{
	return (struct byte_source){descriptor_read, (void *)(uintptr_t)fd};
}

static ssize_t memory_read(void *state, uint8_t *to, size_t size, struct error *out_error)
{
	(void)out_error;
	struct byte_span *rest = state;
	if (size > rest->size)
		size = rest->size;
	if (size)
		memcpy(to, rest->bytes, size);
	rest->bytes += size;
	rest->size -= size;
	return (ssize_t)size;
}

struct byte_source byte_source_memory(struct byte_span *rest)
{
	return (struct byte_source){memory_read, rest};
}

static enum packing packing_of(const uint8_t *bytes, size_t size)
{
	static const uint8_t gzip_mark[] = {0x1f, 0x8b}, zstd_mark[] = {0x28, 0xb5, 0x2f, 0xfd};
	if (size >= sizeof zstd_mark && !memcmp(bytes, zstd_mark, sizeof zstd_mark))
		return PACKING_ZSTD;
	if (size >= sizeof gzip_mark && !memcmp(bytes, gzip_mark, sizeof gzip_mark))
		return PACKING_GZIP;
	return PACKING_NONE;
}

/* Reads until there are `least` bytes or no more. */
static int fill_from_source(struct byte_stream *stream, uint8_t *room, size_t *end, size_t least,
			    struct error *out_error)
{
	while (*end < least && !stream->is_source_at_end) {
		ssize_t got = stream->source.read(stream->source.state, room + *end, BYTE_STREAM_ROOM - *end,
						  out_error);
		if (got < 0)
			return -1;
		if (!got)
			stream->is_source_at_end = 1;
		*end += (size_t)got;
	}
	return 0;
}

static int open_packing(struct byte_stream *stream, struct error *out_error)
{
	stream->packing = packing_of(stream->room, stream->end);
	if (stream->packing == PACKING_NONE)
		return 0;
	stream->packed = stream->room;
	stream->packed_end = stream->end;
	stream->room = memory_resize(NULL, BYTE_STREAM_ROOM, 1);
	stream->end = 0;
	if (stream->packing == PACKING_GZIP)
		return inflateInit2(&stream->gzip, 16 + MAX_WBITS) == Z_OK
			       ? 0
			       : error_set(out_error, "cannot prepare to read gzip");
	stream->zstd = ZSTD_createDStream();
	if (!stream->zstd ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax, BYTE_STREAM_WINDOW_LOG)))
		return error_set(out_error, "cannot prepare to read zstd");
	return 0;
}

struct byte_stream *byte_stream_open(struct byte_source source, struct byte_span front,
				     struct error *out_error)
{
	struct byte_stream *stream = memory_allocate(sizeof *stream);
	stream->source = source;
	stream->room = memory_resize(NULL, BYTE_STREAM_ROOM, 1);
	if (front.size)
		memcpy(stream->room, front.bytes, front.size);
	stream->end = front.size;
	if (!fill_from_source(stream, stream->room, &stream->end, MARK_SIZE, out_error) &&
	    !open_packing(stream, out_error))
		return stream;
	byte_stream_close(stream);
	return NULL;
}

void byte_stream_close(struct byte_stream *stream)
{
	if (!stream)
		return;
	if (stream->packing == PACKING_GZIP)
		inflateEnd(&stream->gzip);
	ZSTD_freeDStream(stream->zstd);
	free(stream->packed);
	free(stream->room);
	free(stream);
}

static int inflate_some(struct byte_stream *stream, struct error *out_error)
{
	z_stream *gzip = &stream->gzip;
	gzip->next_in = stream->packed + stream->packed_start;
	gzip->avail_in = (uInt)(stream->packed_end - stream->packed_start);
	gzip->next_out = stream->room + stream->end;
	gzip->avail_out = (uInt)(BYTE_STREAM_ROOM - stream->end);
	stream->is_inside = 1;
	int result = inflate(gzip, Z_NO_FLUSH);
	stream->packed_start = stream->packed_end - gzip->avail_in;
	stream->end = BYTE_STREAM_ROOM - gzip->avail_out;
	if (result == Z_STREAM_END) {
		stream->is_inside = 0;
		result = inflateReset(gzip);
	}
	return result == Z_OK || result == Z_BUF_ERROR ? 0
						       : error_set(out_error, "the gzip data are damaged");
}

static int unzstd_some(struct byte_stream *stream, struct error *out_error)
{
	ZSTD_inBuffer in = {stream->packed, stream->packed_end, stream->packed_start};
	ZSTD_outBuffer out = {stream->room, BYTE_STREAM_ROOM, stream->end};
	size_t result = ZSTD_decompressStream(stream->zstd, &out, &in);
	stream->packed_start = in.pos;
	stream->end = out.pos;
	if (ZSTD_isError(result))
		return error_set(out_error, "the zstd data are damaged: %s", ZSTD_getErrorName(result));
	stream->is_inside = result != 0;
	return 0;
}

/* Unpacks until there are `least` bytes or no more. */
static int fill_from_packed(struct byte_stream *stream, size_t least, struct error *out_error)
{
	while (stream->end < least && !stream->is_at_end) {
		if (stream->packed_start == stream->packed_end) {
			stream->packed_start = stream->packed_end = 0;
			if (fill_from_source(stream, stream->packed, &stream->packed_end, 1, out_error))
				return -1;
		}
		size_t before = stream->end, unread = stream->packed_end - stream->packed_start;
		if (unread || stream->is_inside)
			if (stream->packing == PACKING_GZIP ? inflate_some(stream, out_error)
							    : unzstd_some(stream, out_error))
				return -1;
		bool is_still = stream->end == before && stream->packed_end - stream->packed_start == unread;
		if (is_still && stream->is_source_at_end)
			stream->is_at_end = 1; /* a compressed piece that is cut ends where it is cut */
	}
	return 0;
}

int byte_stream_look(struct byte_stream *stream, size_t size, struct byte_span *out_span,
		     struct error *out_error)
{
	if (stream->end - stream->start < size) {
		memmove(stream->room, stream->room + stream->start, stream->end - stream->start);
		stream->end -= stream->start;
		stream->start = 0;
		if (stream->packing == PACKING_NONE
			    ? fill_from_source(stream, stream->room, &stream->end, size, out_error)
			    : fill_from_packed(stream, size, out_error))
			return -1;
	}
	*out_span = (struct byte_span){stream->room + stream->start, stream->end - stream->start};
	return 0;
}

void byte_stream_take(struct byte_stream *stream, size_t size)
{
	stream->start += size;
	stream->position += size;
}

uint64_t byte_stream_position(const struct byte_stream *stream)
{
	return stream->position;
}
