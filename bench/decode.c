/* SPDX-License-Identifier: Apache-2.0 */
/* decode — how fast a trace is read, and how many bytes an event takes.
 *
 * usage: decode [MILLIONS-OF-EVENTS]
 *
 * Scenario: a server of eight threads, each a loop of poll, socket and lock; waits of 10 µs to some milliseconds
 * with the distribution of a busy service, 2000 stacks of which few are common, 300 descriptors, 64 locks. A
 * segment each 100,000 events, as of a busy second. The trace is made in memory; reading is timed three times
 * over, checksums and zstd included.
 */
#include "base/memory.h"
#include "block/trace_reader.h"
#include "block/trace_writer.h"
#include <stdio.h>
#include <stdlib.h>

enum {
	THREADS = 8,
	SLICE_EVENTS = 2000, /* what a chunk of the arena holds */
	SEGMENT_SLICES = 50,
	STACKS = 2000,
	DESCRIPTORS = 300,
	LOCKS = 64,
	EVENT_MOST = 64,
	TRIES = 3,
};

struct memory_file {
	uint8_t *bytes;
	size_t size, capacity;
};

static int write_memory(void *context, const void *bytes, size_t size)
{
	struct memory_file *file = context;
	if (file->size + size > file->capacity) {
		file->capacity = 2 * (file->size + size);
		file->bytes = memory_resize(file->bytes, file->capacity, 1);
	}
	memcpy(file->bytes + file->size, bytes, size);
	file->size += size;
	return 0;
}

/* xorshift: the same trace each time. */
static uint64_t random_below(uint64_t limit)
{
	static uint64_t state = 88172645463325252u;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % limit;
}

/* Few are common: a number below `limit`, half of them below its square root or so. */
static uint64_t skewed_below(uint64_t limit)
{
	return random_below(random_below(limit) + 1);
}

/* Ticks of some 20 ns: mostly tens of microseconds, now and then milliseconds. */
static uint64_t some_ticks(void)
{
	return 500 + random_below(16 << random_below(14));
}

static uint64_t lock_address(void)
{
	return 0x7f31c4001000 + skewed_below(LOCKS) * 192;
}

static void put_event(struct event_cursor *cursor)
{
	uint64_t start = cursor->registers.time + some_ticks();
	uint64_t stack = 1 + skewed_below(STACKS);
	switch (random_below(8)) {
	case 0:
	case 1:
	case 2:
		event_put_poll_wait(cursor, start, some_ticks(), 5 + (int64_t)random_below(4), stack);
		break;
	case 3:
	case 4:
		event_put_network_wait(cursor, start, some_ticks(), 9 + (int64_t)skewed_below(DESCRIPTORS),
				       stack);
		break;
	case 5:
	case 6:
		event_put_lock_wait(cursor, start, some_ticks(), lock_address(), stack);
		break;
	case 7:
		event_put_lock_release(cursor, start, lock_address(), stack);
		break;
	}
}

static uint64_t put_slice(struct trace_writer *writer, uint64_t thread, uint64_t *time)
{
	static uint8_t bytes[SLICE_EVENTS * EVENT_MOST];
	struct event_registers registers = {.time = *time};
	struct event_cursor cursor = {bytes, registers};
	for (int i = 0; i < SLICE_EVENTS; i++)
		put_event(&cursor);
	size_t size = (size_t)(cursor.at - bytes);
	trace_writer_slice(writer, thread, TRACE_CLOCK_TSC, registers, bytes, size, SLICE_EVENTS, *time,
			   cursor.registers.time);
	*time = cursor.registers.time;
	return size;
}

static uint64_t make_trace(struct memory_file *file, uint64_t events)
{
	uint64_t time[THREADS] = {0}, bytes = 0, slices = events / SLICE_EVENTS;
	struct trace_writer *writer = trace_writer_create((struct trace_sink){write_memory, file});
	for (uint64_t i = 0; i < slices; i++) {
		bytes += put_slice(writer, 1 + i % THREADS, &time[i % THREADS]);
		if (i % SEGMENT_SLICES == SEGMENT_SLICES - 1)
			trace_writer_flush(writer);
	}
	struct error error;
	if (trace_writer_finish(writer, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	trace_writer_destroy(writer);
	return bytes;
}

static uint64_t read_trace(const struct memory_file *file, uint64_t *out_sum)
{
	struct trace_bytes bytes = {file->bytes, file->size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	struct event event;
	const struct trace_slice *slice;
	uint64_t events = 0, sum = 0;
	for (; trace_reader_next(reader, &event, &slice, NULL) > 0; events++)
		sum += event.duration + slice->thread;
	trace_reader_close(reader);
	*out_sum = sum;
	return events;
}

int main(int count, char **arguments)
{
	uint64_t wanted = (count > 1 ? strtoull(arguments[1], NULL, 10) : 20) * 1000000;
	struct memory_file file = {0};
	uint64_t before = clock_monotonic_ns();
	uint64_t bytes = make_trace(&file, wanted);
	double write_seconds = (double)(clock_monotonic_ns() - before) / 1e9;

	printf("%-32s %8.2f million, made and written in %.1f s\n", "events", (double)wanted / 1e6,
	       write_seconds);
	printf("%-32s %8.2f bytes\n", "an event before compression", (double)bytes / (double)wanted);
	printf("%-32s %8.2f bytes\n", "an event in the file", (double)file.size / (double)wanted);
	for (int try = 0; try < TRIES; try++) {
		uint64_t sum;
		before = clock_monotonic_ns();
		uint64_t events = read_trace(&file, &sum);
		double ns = (double)(clock_monotonic_ns() - before);
		printf("%-32s %8.1f million events/s, %.1f ns an event (durations and threads add up to "
		       "%llu)\n",
		       "reading", (double)events / ns * 1e3, ns / (double)events, (unsigned long long)sum);
		if (events != wanted)
			return 1;
	}
	free(file.bytes);
	return 0;
}
