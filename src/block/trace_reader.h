/* SPDX-License-Identifier: Apache-2.0 */
/* trace_reader.h — reads a .tbt file event by event, in the order of the file, holding one block at a time.
 *
 * Words:    see trace_writer.h. Times are in ticks of the slice's clock; clock_pair events say what they mean in nanoseconds.
 *           Within a thread events come in order of their ends; different threads are interleaved by slices.
 * Hostile:  the file may be anything. Memory is bounded by TRACE_BLOCK_MAX whatever its size; a block whose checksum is wrong
 *           is left out and counted, and reading goes on at the next; a file cut at any byte reads up to the cut.
 * Threads:  one reader, one thread.
 */
#pragma once
#include "base/error.h"
#include "block/trace_writer.h"

enum { TRACE_BLOCK_MAX = 8 * 1024 * 1024 }; /* bytes of a block, stored or unpacked; bigger ones are malformed */

/* Reads at most `size` bytes at `offset`; returns how many (fewer only at the end), or -1 with errno set. */
struct trace_source {
	int64_t (*read_at)(void *context, uint64_t offset, void *buffer, size_t size);
	void *context;
	uint64_t size; /* bytes of the whole */
};

/* How the file as a whole was found to be; exact once the last event was read. */
struct trace_condition {
	int is_cut;                /* it ends without its end mark: the recording was stopped hard, or the file truncated */
	uint64_t cut_at;           /* byte offset behind the last whole block, when is_cut */
	uint64_t blocks_read;
	uint64_t blocks_damaged;   /* left out: checksum wrong, or their events malformed */
	uint64_t first_damage_at;  /* byte offset of the first of them */
};

struct trace_slice {
	uint64_t thread; /* 0: facts */
	enum trace_clock clock;
	struct event_registers registers; /* as they were at its first event */
	uint64_t block;  /* counts blocks from 0, so that a reader can tell where one ends */
};

struct trace_reader;

/* NULL with an error when the source is not a trace, of a version this program cannot read, or cannot be read at all. */
struct trace_reader *trace_reader_open(struct trace_source source, struct error *out_error);
void trace_reader_close(struct trace_reader *reader);

/* The schema that the file carries: types of this version have the same index of fields as here, others only their names. */
const struct event_schema *trace_reader_schema(const struct trace_reader *reader);

/* The next event: 1; 0 at the end (look at the condition then); -1 with an error when the source fails.
 * Texts point into the reader and live until the next call. *out_slice lives until the next call too. */
int trace_reader_next(struct trace_reader *reader, struct event *out_event, const struct trace_slice **out_slice,
		      struct error *out_error);

struct trace_condition trace_reader_condition(const struct trace_reader *reader);

/* A source over a file descriptor that the caller keeps open. */
struct trace_source trace_source_file(const int *fd, uint64_t size);

/* The index of a finished file, for those who jump: entries in the order of the file. */
struct trace_index_entry {
	uint64_t offset;     /* of the block, bytes */
	uint64_t events;
	uint64_t first_time; /* ticks of `clock`; 0 when the block has no times in it */
	uint64_t last_time;
	enum trace_clock clock; /* of its last slice */
};
/* Number of entries, 0 when the file has no whole index. *out_entries lives as long as the reader. */
size_t trace_reader_index(struct trace_reader *reader, const struct trace_index_entry **out_entries);
