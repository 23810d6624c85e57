/* SPDX-License-Identifier: Apache-2.0 */
/* trace_writer.h — writes a .tbt file: blocks of slices, an index, an end.
 *
 * Words:    a slice is a run of events of one thread, decodable on its own; a fact is an event written by the agent itself
 *           (slices of thread 0). Facts are gathered and come before the slices of the same segment, so that a slice finds
 *           the strings, stack nodes, threads and clock pairs that it names in front of it.
 *           A segment ends at trace_writer_flush; big ones are several blocks.
 * Threads:  one writer, one thread.
 * Promise:  what was flushed is readable whatever happens later; bytes go only to the sink, in order, never back.
 * Broken:   when the sink refuses (disk full), every later call but destroy does nothing and finish reports the first error.
 */
#pragma once
#include "base/error.h"
#include "record/clock.h"
#include "record/event.h"

/* Takes all bytes; returns 0, or an errno value. */
struct trace_sink {
	int (*write)(void *context, const void *bytes, size_t size);
	void *context;
};

struct trace_writer;

/* Writes the file's head and the schema. Never NULL; an error of the sink shows at finish. */
struct trace_writer *trace_writer_create(struct trace_sink sink);
void trace_writer_destroy(struct trace_writer *writer);

/* Room for one fact of at most `most` bytes (EVENT_…_MAX and its texts); follow with one event_put_…(cursor, …).
 * Facts of one segment share a clock; one in another clock begins a new slice. The cursor is valid until the next call. */
struct event_cursor *trace_writer_fact(struct trace_writer *writer, enum trace_clock clock, size_t most);

/* Adds the events in `bytes`, which must decode whole by event_schema_own, beginning from `registers`.
 * first_time, last_time: ticks, the least and the greatest time (of ranges: start and end) in it. */
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
