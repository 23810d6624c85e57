/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_reader.h"
#include "block/trace_writer.h"
#include "block/test_bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

static char story[4096];

/* What the trace holds, an event a line: block, slice, thread, clock, name, time, duration. */
static const char *tell(const struct test_bytes *file)
{
	struct trace_bytes bytes = {file->bytes, file->size};
	struct error error = {""};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), &error);
	story[0] = '\0';
	if (!reader) {
		snprintf(story, sizeof story, "%s", error.text);
		return story;
	}
	FILE *out = fmemopen(story, sizeof story, "w");
	struct event event;
	const struct trace_slice *slice;
	while (trace_reader_next(reader, &event, &slice, &error) > 0)
		fprintf(out, "%u.%u thread %u %s %s %u+%u\n", (unsigned)slice->block, (unsigned)slice->number,
			(unsigned)slice->thread, slice->clock == TRACE_CLOCK_TSC ? "tsc" : "monotonic",
			event.type->name, (unsigned)(event.time - event.duration), (unsigned)event.duration);
	struct trace_condition condition = trace_reader_condition(reader);
	if (condition.is_cut)
		fprintf(out, "cut at %u\n", (unsigned)condition.cut_at);
	if (condition.blocks_damaged)
		fprintf(out, "damaged at %u\n", (unsigned)condition.first_damage_at);
	fclose(out);
	trace_reader_close(reader);
	return story;
}

static void put_waits(struct trace_writer *writer, uint64_t thread, uint64_t start)
{
	uint8_t bytes[256];
	struct event_cursor cursor = {bytes, {.time = start}};
	event_put_poll_wait(&cursor, start + 10, 5, 7, 1);
	event_put_lock_release(&cursor, start + 20, 0x1000, 2);
	trace_writer_slice(writer, thread, TRACE_CLOCK_TSC, (struct event_registers){.time = start}, bytes,
			   (size_t)(cursor.at - bytes), 2, start + 10, start + 20);
}

static void facts_stand_in_front_of_the_slices_of_their_segment(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	put_waits(writer, 1, 100);
	event_put_thread(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_THREAD_MAX), 90, 1, 1, 4711);
	put_waits(writer, 2, 200);
	event_put_string(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_STRING_MAX + 5), 95, 1, "hello", 5);
	assert_int_equal(trace_writer_events(writer), 6);
	trace_writer_flush(writer);
	put_waits(writer, 1, 300);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	assert_int_equal(trace_writer_bytes(writer), file.size);
	trace_writer_destroy(writer);
	assert_string_equal(tell(&file), "0.0 thread 0 tsc thread 90+0\n"
					 "0.0 thread 0 tsc string 95+0\n"
					 "0.1 thread 1 tsc poll_wait 110+5\n"
					 "0.1 thread 1 tsc lock_release 120+0\n"
					 "0.2 thread 2 tsc poll_wait 210+5\n"
					 "0.2 thread 2 tsc lock_release 220+0\n"
					 "1.3 thread 1 tsc poll_wait 310+5\n"
					 "1.3 thread 1 tsc lock_release 320+0\n");
	free(file.bytes);
}

static void a_fact_in_another_clock_begins_a_block(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	event_put_process_end(trace_writer_fact(writer, TRACE_CLOCK_MONOTONIC, EVENT_PROCESS_END_MAX), 7, 1);
	event_put_process_end(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_PROCESS_END_MAX), 8, 1);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);
	assert_string_equal(tell(&file), "0.0 thread 0 monotonic process_end 7+0\n"
					 "1.1 thread 0 tsc process_end 8+0\n");
	free(file.bytes);
}

static void a_big_segment_is_cut_into_blocks(void **state)
{
	(void)state;
	enum { SLICES = 40, EVENTS = 10000, EVENT_BYTES = 5 };
	struct test_bytes file = {0};
	uint8_t *bytes = memory_allocate(EVENTS * EVENT_POLL_WAIT_MAX);
	struct event_cursor cursor = {bytes, {0}};
	for (unsigned i = 0; i < EVENTS; i++)
		event_put_poll_wait(&cursor, i, 0, 1, i % 100);
	size_t size = (size_t)(cursor.at - bytes);
	assert_int_equal(size, EVENTS * EVENT_BYTES);

	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	for (unsigned i = 0; i < SLICES; i++)
		trace_writer_slice(writer, 1 + i, TRACE_CLOCK_TSC, (struct event_registers){0}, bytes, size,
				   EVENTS, 0, EVENTS - 1);
	assert_int_equal(trace_writer_pending(writer), SLICES * size);
	assert_int_equal(trace_writer_bytes(writer), 0);
	trace_writer_flush(writer);
	assert_int_equal(trace_writer_pending(writer), 0);
	assert_true(trace_writer_bytes(writer) > 0);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);

	struct trace_bytes source = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&source), NULL);
	struct event event;
	const struct trace_slice *slice;
	uint64_t events = 0, block = 0;
	for (; trace_reader_next(reader, &event, &slice, NULL) > 0; events++) {
		assert_int_equal(slice->thread, 1 + events / EVENTS);
		assert_int_equal(event.time, events % EVENTS);
		block = slice->block;
	}
	assert_int_equal(events, SLICES * EVENTS);
	assert_int_equal(block, SLICES * size / TRACE_BLOCK_GOAL);
	trace_reader_close(reader);
	free(bytes);
	free(file.bytes);
}

static void many_facts_are_several_slices(void **state)
{
	(void)state;
	enum { FACTS = 100, TEXT = 10000 };
	struct test_bytes file = {0};
	char text[TEXT];
	memset(text, 'x', TEXT);
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	for (unsigned i = 0; i < FACTS; i++)
		event_put_string(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_STRING_MAX + TEXT), 100 + i,
				 i, text, TEXT);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);

	struct trace_bytes source = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&source), NULL);
	struct event event;
	const struct trace_slice *slice;
	uint64_t events = 0, number = 0;
	for (; trace_reader_next(reader, &event, &slice, NULL) > 0; events++) {
		assert_int_equal(event.time, 100 + events);
		assert_int_equal(event.values[EVENT_STRING_ID].number, events);
		number = slice->number;
	}
	assert_int_equal(events, FACTS);
	assert_int_equal(number, 3);
	trace_reader_close(reader);
	free(file.bytes);
}

static void what_was_flushed_before_the_disk_was_full_can_be_read(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	put_waits(writer, 1, 100);
	trace_writer_flush(writer);
	file.room = file.size + 40;
	put_waits(writer, 1, 200);
	trace_writer_flush(writer);
	put_waits(writer, 1, 300);
	struct error error;
	assert_int_equal(trace_writer_finish(writer, &error), -1);
	assert_string_equal(error.text, "cannot write the trace: No space left on device");
	assert_int_equal(trace_writer_bytes(writer), file.size);
	trace_writer_destroy(writer);
	char expected[256];
	snprintf(expected, sizeof expected,
		 "0.0 thread 1 tsc poll_wait 110+5\n"
		 "0.0 thread 1 tsc lock_release 120+0\n"
		 "cut at %zu\n",
		 file.size);
	assert_string_equal(tell(&file), expected);
	free(file.bytes);
}

static void a_slice_or_fact_too_big_is_left_out_and_told(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	uint8_t *bytes = memory_allocate(TRACE_SLICE_MAX + 1);
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	event_put_string(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_STRING_MAX + EVENT_SIZE_MAX), 5, 1,
			 bytes, EVENT_SIZE_MAX);
	event_put_process_end(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_PROCESS_END_MAX), 8, 1);
	trace_writer_slice(writer, 1, TRACE_CLOCK_TSC, (struct event_registers){0}, bytes,
			   TRACE_SLICE_MAX + 1, 1, 0, 0);
	struct error error;
	assert_int_equal(trace_writer_finish(writer, &error), -1);
	assert_string_equal(error.text, "a fact of 65542 bytes is malformed or too big");
	trace_writer_destroy(writer);
	assert_string_equal(tell(&file), "0.0 thread 0 tsc process_end 8+0\n");
	free(bytes);
	free(file.bytes);
}

static void a_cursor_that_was_not_used_is_no_fact(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	trace_writer_fact(writer, TRACE_CLOCK_TSC, 100);
	event_put_process_end(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_PROCESS_END_MAX), 8, 1);
	trace_writer_fact(writer, TRACE_CLOCK_TSC, 100);
	trace_writer_flush(writer);
	trace_writer_fact(writer, TRACE_CLOCK_TSC, 100);
	assert_int_equal(trace_writer_events(writer), 1);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);
	assert_string_equal(tell(&file), "0.0 thread 0 tsc process_end 8+0\n");
	free(file.bytes);
}

static void segments_without_events_write_nothing(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	trace_writer_flush(writer);
	size_t size = file.size;
	trace_writer_slice(writer, 1, TRACE_CLOCK_TSC, (struct event_registers){0}, "", 0, 0, 0, 0);
	trace_writer_flush(writer);
	assert_int_equal(file.size, size);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);
	trace_writer_destroy(NULL);
	assert_string_equal(tell(&file), "");
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_stand_in_front_of_the_slices_of_their_segment),
		cmocka_unit_test(a_fact_in_another_clock_begins_a_block),
		cmocka_unit_test(a_big_segment_is_cut_into_blocks),
		cmocka_unit_test(many_facts_are_several_slices),
		cmocka_unit_test(what_was_flushed_before_the_disk_was_full_can_be_read),
		cmocka_unit_test(a_slice_or_fact_too_big_is_left_out_and_told),
		cmocka_unit_test(a_cursor_that_was_not_used_is_no_fact),
		cmocka_unit_test(segments_without_events_write_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
