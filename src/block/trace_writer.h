/* SPDX-License-Identifier: Apache-2.0 */
/* trace_writer.h — writes a .tbt file: blocks of slices, an index, an end.
 *
 * Words:    a slice is a run of events of one thread, decodable on its own; a fact is an event written by the
 *           agent itself (slices of thread 0). Facts are gathered and come before the slices of the same
 *           segment, so that a slice finds the strings, stack nodes, threads and clock pairs that it names in
 *           front of it. A segment ends at trace_writer_flush; big ones are several blocks.
 * Threads:  one writer, one thread.
 * Promise:  what was flushed is readable whatever happens later; bytes go only to the sink, in order, never
 *           back.
 * Broken:   when the sink refuses (disk full), nothing is written any more; a slice too big, or a fact that
 *           does not decode, is left out. finish reports the first of these.
 */
#pragma once
#include "base/error.h"
#include "record/clock.h"
#include "record/event.h"

enum {
	TRACE_BLOCK_GOAL = 1024 * 1024,    /* bytes; a segment is cut into blocks of about this size */
	TRACE_SLICE_MAX = 4 * 1024 * 1024, /* bytes of a slice's events */
};

/* Takes all bytes; returns 0, or an errno value. */
struct trace_sink {
	int (*write)(void *context, const void *bytes, size_t size);
	void *context;
};

struct trace_writer;

/* A sink over a file descriptor that the caller keeps open and in place. */
struct trace_sink trace_sink_file(const int *fd);

/* Never NULL; an error of the sink shows at finish. Nothing is written before the first flush, which begins with the
 * file's head and the schema. */
struct trace_writer *trace_writer_create(struct trace_sink sink);

/* The same for events of another schema than event_schema_own, which slices then decode by; facts do not. The schema
 * stays the caller's. */
struct trace_writer *trace_writer_create_for(struct trace_sink sink, const struct event_schema *schema);
void trace_writer_destroy(struct trace_writer *writer);

/* Room for one fact of at most `most` bytes (EVENT_…_MAX and its texts, EVENT_SIZE_MAX together); follow with
 * one event_put_…(cursor, …). A fact in another clock than the one before begins a new block. The cursor is
 * valid until the next call. */
struct event_cursor *trace_writer_fact(struct trace_writer *writer, enum trace_clock clock, size_t most);

/* Adds the events in `bytes`, at most TRACE_SLICE_MAX, which must decode whole by the schema, beginning from
 * `registers`. first_time, last_time: ticks; the least and the greatest time in it (of ranges: start and
 * end). */
void trace_writer_slice(struct trace_writer *writer, uint64_t thread, enum trace_clock clock,
			struct event_registers registers, const void *bytes, size_t size, uint64_t events,
			uint64_t first_time, uint64_t last_time);

/* Ends the segment: compresses and writes what was gathered; nothing when nothing was. */
void trace_writer_flush(struct trace_writer *writer);

/* Flushes, writes index and end. */
int trace_writer_finish(struct trace_writer *writer, struct error *out_error);

/* So far: bytes given to the sink, events written. */
uint64_t trace_writer_bytes(const struct trace_writer *writer);
uint64_t trace_writer_events(const struct trace_writer *writer);
/* Bytes held and not yet written; callers flush early when it grows past what they like. */
size_t trace_writer_pending(const struct trace_writer *writer);
