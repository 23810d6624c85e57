/* SPDX-License-Identifier: Apache-2.0 */
/* test_recorded.h — for tests: a recorded process whose arena the test fills in by hand, and the trace as text.
 *
 *	struct test_recorded *test = test_recorded_create();
 *	struct test_chunk chunk = test_chunk_begin(test, …);
 *	test_chunk_put(&chunk, 1010, 0x10);
 *	drain_process(&test->recorded, &test->journal);
 *	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n1: lock_release 1010 0x10 0\n");
 *	test_recorded_destroy(test);
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include "agent/mappings.h"
#include "agent/recorded.h"
#include "block/test_bytes.h"
#include "block/trace_reader.h"

enum { TEST_PID_OF_NOBODY = 0x7ffffff0 }; /* above what the kernel gives: nothing in /proc */

struct test_recorded {
	struct recorded recorded;
	struct journal journal;
	struct test_bytes file;
	char text[64 * 1024];
};

static inline struct arena_terms test_terms(void)
{
	return (struct arena_terms){.size = ARENA_SIZE_MIN,
				    .threshold_ns = 10000,
				    .clock = TRACE_CLOCK_MONOTONIC,
				    .ticks_per_second = {1000000000, 50000000}};
}

static inline struct test_recorded *test_recorded_create(void)
{
	struct test_recorded *test = memory_allocate(sizeof *test);
	struct arena_supply supply = {.terms = test_terms()};
	struct recorded *recorded = &test->recorded;
	assert_int_equal(supply_take(&supply, &recorded->shared, NULL), 0);
	journal_init(&test->journal, trace_writer_create(test_bytes_sink(&test->file)),
		     TRACE_CLOCK_MONOTONIC);
	recorded->process = test->journal.next_process++;
	recorded->pid = TEST_PID_OF_NOBODY;
	recorded->pidfd = -1;
	return test;
}

static inline void test_recorded_destroy(struct test_recorded *test)
{
	shared_arena_close(&test->recorded.shared);
	mappings_destroy(&test->recorded);
	free(test->recorded.lanes);
	free(test->recorded.unplaced);
	free(test->recorded.unfinished);
	free(test->recorded.throttle_path);
	trace_writer_destroy(test->journal.writer);
	journal_fini(&test->journal);
	free(test->file.bytes);
	free(test);
}

static inline void test_event_print(FILE *out, const struct event *event, const struct trace_slice *slice)
{
	if (slice->thread)
		fprintf(out, "%u: ", (unsigned)slice->thread);
	fprintf(out, "%s", event->type->name);
	if (slice->thread) /* facts are timed by when the test runs */
		fprintf(out, " %llu", (unsigned long long)event->time);
	for (unsigned i = 0; i < event->type->field_count; i++) {
		const struct event_value *value = &event->values[i];
		switch (event->type->fields[i].type) {
		case FIELD_UINT:
		case FIELD_STACK:
			fprintf(out, " %llu", (unsigned long long)value->number);
			break;
		case FIELD_SINT:
			fprintf(out, " %lld", (long long)value->number);
			break;
		case FIELD_ADDRESS:
			fprintf(out, " %#llx", (unsigned long long)value->number);
			break;
		case FIELD_TEXT:
			fprintf(out, " \"%.*s\"", (int)value->number, (const char *)value->text);
			break;
		}
	}
	fputc('\n', out);
}

/* Ends the trace and tells it: an event a line, facts first; "1: " in front of those of thread 1, with their time. Once a test. */
static inline const char *test_recorded_tell(struct test_recorded *test)
{
	struct error error = {""};
	assert_int_equal(trace_writer_finish(test->journal.writer, &error), 0);
	struct trace_bytes bytes = {test->file.bytes, test->file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), &error);
	assert_non_null(reader);
	FILE *out = fmemopen(test->text, sizeof test->text, "w");
	struct event event;
	const struct trace_slice *slice;
	while (trace_reader_next(reader, &event, &slice, &error) > 0)
		test_event_print(out, &event, slice);
	fclose(out);
	struct trace_condition condition = trace_reader_condition(reader);
	assert_false(condition.is_cut);
	assert_int_equal(condition.blocks_damaged, 0);
	trace_reader_close(reader);
	return test->text;
}

/* --- what the guest does ------------------------------------------------------------------------------------------- */

struct test_chunk {
	struct chunk *chunk;
	uint32_t number;
	struct event_cursor cursor;
};

/* A thread that begins to record: slot and generation are what its chunks carry. */
static inline struct thread_slot *test_slot_begin(struct test_recorded *test, uint32_t number, uint32_t tid)
{
	struct arena *arena = &test->recorded.shared.arena;
	struct thread_slot *slot = arena_thread(arena, number);
	if (arena->header->threads_used < number)
		arena->header->threads_used = number;
	slot->tid = tid;
	slot->generation++;
	slot->chunk = 0;
	slot->state = SLOT_RUNNING;
	return slot;
}

/* A chunk that nobody knows of yet; its clock begins at 1000. */
static inline struct test_chunk test_chunk_begin(struct test_recorded *test, uint32_t slot, uint32_t sequence,
						 uint32_t number)
{
	struct arena *arena = &test->recorded.shared.arena;
	struct chunk *chunk = arena_chunk(arena, number);
	if (arena->header->chunks_used < number)
		arena->header->chunks_used = number;
	chunk->committed = 0;
	chunk->thread = slot;
	chunk->generation = arena_thread(arena, slot)->generation;
	chunk->sequence = sequence;
	chunk->clock = TRACE_CLOCK_MONOTONIC;
	chunk->start_ticks = 1000;
	return (struct test_chunk){chunk, number, {chunk->events, {1000, 0}}};
}

static inline void test_chunk_commit(struct test_chunk *chunk)
{
	chunk->chunk->committed = (uint32_t)(chunk->cursor.at - chunk->chunk->events);
}

/* Writes lock_release of the object. */
static inline void test_chunk_put(struct test_chunk *chunk, uint64_t time, uint64_t object)
{
	event_put_lock_release(&chunk->cursor, time, object, 0);
	test_chunk_commit(chunk);
}

static inline void test_chunk_write_here(struct test_recorded *test, const struct test_chunk *chunk)
{
	arena_thread(&test->recorded.shared.arena, chunk->chunk->thread)->chunk = chunk->number;
}

static inline void test_chunk_hand_over(struct test_recorded *test, const struct test_chunk *chunk)
{
	arena_list_push(&test->recorded.shared.arena.header->full_chunks, chunk->number, &chunk->chunk->next);
}
