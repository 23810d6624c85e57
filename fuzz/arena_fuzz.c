/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes in a process's arena: whatever lies there, what the agent drains from it makes a trace that can be read to its
 * end.
 *
 * The input is what an enemy does, step by step: two bytes say where (a part, and its number), the next at which byte
 * of it, the next how many bytes follow that are written there. Parts are near the beginning, as a process takes them,
 * unless the number's high bit is set: then it is spread over all of them. A step may also be a drain. */
#include "agent/drain.h"
#include "agent/mappings.h"
#include "base/memory.h"
#include "block/test_bytes.h"
#include "block/trace_reader.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PID_OF_NOBODY = 0x7ffffff0, /* above what the kernel gives: nothing in /proc */
	DRAINS_MAX = 16,
	STEP_HEAD = 4,
	NUMBER_IS_FAR = 0x80,
};

enum target {
	TARGET_HEADER,
	TARGET_SLOT,
	TARGET_CHUNK,
	TARGET_EVENTS,
	TARGET_NODE,
	TARGET_DRAIN,
	TARGET_COUNT
};

struct span {
	uint8_t *start;
	size_t size;
};

/* The number of a part, from 1. */
static uint32_t number_of(uint8_t number, uint32_t count)
{
	return number & NUMBER_IS_FAR ? (uint32_t)((number & 0x7fu) * (uint64_t)(count - 1) / 0x7f) + 1
				      : (uint32_t)number % count + 1;
}

static struct span part_of(const struct arena *arena, enum target target, uint8_t number)
{
	switch (target) {
	case TARGET_HEADER:
		return (struct span){(uint8_t *)arena->header, sizeof *arena->header};
	case TARGET_SLOT:
		return (struct span){(uint8_t *)arena_thread(arena, number_of(number, arena->thread_count)),
				     sizeof(struct thread_slot)};
	case TARGET_CHUNK:
		return (struct span){(uint8_t *)arena_chunk(arena, number_of(number, arena->chunk_count)),
				     sizeof(struct chunk)};
	case TARGET_EVENTS:
		return (struct span){arena_chunk(arena, number_of(number, arena->chunk_count))->events,
				     CHUNK_EVENT_BYTES};
	case TARGET_NODE:
		return (struct span){(uint8_t *)arena_node(arena, number_of(number, arena->node_count)),
				     sizeof(struct stack_node)};
	case TARGET_DRAIN:
	case TARGET_COUNT:
		break;
	}
	return (struct span){NULL, 0};
}

static void play(struct recorded *recorded, struct journal *journal, const uint8_t *bytes, size_t size)
{
	int drains = 0;
	while (size >= STEP_HEAD) {
		enum target target = bytes[0] % TARGET_COUNT;
		struct span part = part_of(&recorded->shared.arena, target, bytes[1]);
		size_t at = bytes[2], count = bytes[3];
		bytes += STEP_HEAD;
		size -= STEP_HEAD;
		if (target == TARGET_DRAIN) {
			if (drains++ < DRAINS_MAX)
				drain_process(recorded, journal);
			continue;
		}
		if (count > size)
			count = size;
		for (size_t i = 0; i < count && at + i < part.size; i++)
			part.start[at + i] = bytes[i];
		bytes += count;
		size -= count;
	}
	drain_process(recorded, journal);
	drain_process(recorded, journal);
	drain_rest(recorded, journal);
}

/* The number of events that can be read; ends the program when it is not a whole trace. */
static uint64_t read_all(const struct test_bytes *file)
{
	struct trace_bytes bytes = {file->bytes, file->size};
	struct error error = {""};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), &error);
	struct event event;
	const struct trace_slice *slice;
	uint64_t count = 0;
	while (reader && trace_reader_next(reader, &event, &slice, &error) > 0)
		count++;
	struct trace_condition condition = {.is_cut = 1};
	if (reader)
		condition = trace_reader_condition(reader);
	if (condition.is_cut || condition.blocks_damaged) {
		fprintf(stderr, "no whole trace: %s\n", error.text);
		abort();
	}
	trace_reader_close(reader);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct recorded recorded = {.process = 1, .pid = PID_OF_NOBODY, .pidfd = -1};
	struct shared_arena *shared = &recorded.shared;
	void *memory = aligned_alloc(4096, ARENA_SIZE_MIN);
	memset(memory, 0, ARENA_SIZE_MIN);
	if (arena_lay_out(&shared->arena, memory, ARENA_SIZE_MIN))
		abort();
	shared->fd = -1;
	shared->chunks_ready = shared->arena.chunk_count;

	struct test_bytes file = {0};
	struct journal journal;
	journal_init(&journal, trace_writer_create(test_bytes_sink(&file)), TRACE_CLOCK_TSC);
	play(&recorded, &journal, bytes, size);
	struct error error;
	if (trace_writer_finish(journal.writer, &error)) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	if (read_all(&file) != trace_writer_events(journal.writer))
		abort();

	trace_writer_destroy(journal.writer);
	journal_fini(&journal);
	mappings_destroy(&recorded);
	free(recorded.lanes);
	free(recorded.unplaced);
	free(recorded.unfinished);
	free(file.bytes);
	free(memory);
	return 0;
}
