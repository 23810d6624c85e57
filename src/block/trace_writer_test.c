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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_stand_in_front_of_the_slices_of_their_segment),
		cmocka_unit_test(a_fact_in_another_clock_begins_a_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
