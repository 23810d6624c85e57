/* SPDX-License-Identifier: Apache-2.0 */
/* trace_reader.h — reads a .tbt file event by event, in the order of the file, holding one block at a time.
 *
 * Words:    see trace_writer.h. Times are in ticks of the slice's clock; clock_pair events say what they mean
 *           in nanoseconds. Within a thread events come in order of their ends; different threads are
 *           interleaved by slices.
 * Hostile:  the file may be anything. Memory is bounded by a block, stored and unpacked (BLOCK_SIZE_MAX each),
 *           whatever the file's size; a damaged block is left out and counted, and reading goes on at the
 *           next; a file cut at any byte reads up to the cut.
 * Threads:  one reader, one thread.
 */
#pragma once
#include "base/error.h"
#include "block/block_index.h"
#include "record/clock.h"
#include "block/trace_source.h"
#include "record/event.h"

struct trace_slice {
	uint64_t thread; /* its number; 0: facts */
	enum trace_clock clock;
	struct event_registers registers; /* as they were at its first event */
	uint64_t block;  /* counts the blocks read from 0, so that a caller can tell where one ends */
	uint64_t number; /* counts the slices read from 0 */
};

struct trace_reader;

/* NULL with an error when the source is not a trace, of a version this program cannot read, or cannot be read
 * at all. */
struct trace_reader *trace_reader_open(struct trace_source source, struct error *out_error);
void trace_reader_close(struct trace_reader *reader);

/* The schema that the file carries: types of this version have the same index of fields as here, others only
 * their names. */
const struct event_schema *trace_reader_schema(const struct trace_reader *reader);

/* The next event: 1; 0 at the end (look at the condition then); -1 with an error when the source fails.
 * Texts point into the reader and live until the next call. *out_slice lives until the next call too. */
int trace_reader_next(struct trace_reader *reader, struct event *out_event,
		      const struct trace_slice **out_slice, struct error *out_error);

struct trace_condition trace_reader_condition(const struct trace_reader *reader);

/* The index of a finished file, for those who jump. Number of entries, 0 when the file has no whole index.
 * *out_entries lives as long as the reader. */
size_t trace_reader_index(struct trace_reader *reader, const struct trace_index_entry **out_entries);
