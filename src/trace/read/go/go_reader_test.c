/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader does with traces that are broken, cut, too big or of another kind. */
#include "trace/read/go/id_map.h"
#include "trace/read/go/scan.h"
#include "trace/read/go/test_go_trace.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* A trace of Go 1.26; sizes of batches are set right, so that a test need not count bytes. */
static uint8_t *trace_of(const char *const *batches, size_t *out_size)
{
	char *bytes = NULL;
	FILE *output = open_memstream(&bytes, out_size);
	fwrite("go 1.26 trace\0\0\0", 1, GO_HEAD_SIZE, output);
	for (; *batches; batches++) {
		static const char head[] = "Trace Go1.26\n";
		if (!strcmp(*batches, "EndOfGeneration")) {
			fputc(GO_END_OF_GENERATION, output);
			continue;
		}
		/* "gen m time\n" and the events. */
		unsigned long gen, m, time;
		int events_at;
		assert_int_equal(sscanf(*batches, "%lu %lu %lu\n%n", &gen, &m, &time, &events_at), 3);
		char *text = NULL;
		size_t text_size, body_size;
		FILE *input = open_memstream(&text, &text_size);
		fprintf(input, "%s%s", head, *batches + events_at);
		fclose(input);
		struct error error;
		uint8_t *body = trace_of_text(text, text_size, &body_size, &error);
		if (!body)
			fail_msg("%s in %s", error.text, *batches);
		uint8_t number[GO_VARINT_MAX];
		const uint64_t numbers[] = {gen, m, time, body_size - GO_HEAD_SIZE};
		fputc(GO_EVENT_BATCH, output);
		for (size_t i = 0; i < 4; i++)
			fwrite(number, 1, go_varint_put(number, numbers[i]), output);
		fwrite(body + GO_HEAD_SIZE, 1, body_size - GO_HEAD_SIZE, output);
		free(body);
		free(text);
	}
	fclose(output);
	return (uint8_t *)bytes;
}

#define CLOCK  "Sync\nFrequency freq=15625000\nClockSnapshot dt=0 mono=1 sec=1 nsec=1\n"
#define NOBODY "18446744073709551615"
#define ALIVE  "ProcStatus dt=1 p=0 pstatus=1\nGoStatus dt=1 g=1 m=7 gstatus=2\n"

static struct reading read_batches(const char *const *batches, const struct go_limits *limits, bool is_strict)
{
	size_t size;
	uint8_t *bytes = trace_of(batches, &size);
	struct reading reading = read_trace(bytes, size, limits, is_strict);
	free(bytes);
	return reading;
}

static void a_region_that_ends_out_of_turn_is_told_and_passed_over(void **state)
{
	(void)state;
	const char *const batches[] = {
		"1 " NOBODY " 0\n" CLOCK,
		"1 " NOBODY " 0\nStrings\nString id=1\n data=\"outer\"\nString id=2\n data=\"inner\"\n",
		"1 7 10\n" ALIVE "UserRegionBegin dt=1 task=0 name_string=1 stack=0\n"
		"UserRegionBegin dt=1 task=0 name_string=2 stack=0\n"
		"UserRegionEnd dt=1 task=0 name_string=1 stack=0\n"
		"UserRegionBegin dt=1 task=0 name_string=2 stack=0\n"
		"UserRegionEnd dt=1 task=0 name_string=2 stack=0\n",
		"EndOfGeneration", NULL};
	struct reading reading = read_batches(batches, &roomy_limits, false);
	assert_true(reading.is_accepted);
	assert_int_equal(reading.condition.mismatched_regions, 1);
	assert_non_null(strstr(reading.condition.mismatch.text, "\"outer\""));
	assert_int_equal(reading.condition.broken, 0);
	assert_int_equal(reading.events, 2 + 7);
	reading = read_batches(batches, &roomy_limits, true);
	assert_false(reading.is_accepted);
	assert_non_null(strstr(reading.error.text, "\"inner\""));
}

static void behind_a_broken_generation_the_next_is_read(void **state)
{
	(void)state;
	const char *const batches[] = {"1 " NOBODY " 0\n" CLOCK,
				       "1 7 10\n" ALIVE "GoStart dt=1 g=9 g_seq=1\n",
				       "EndOfGeneration",
				       "2 " NOBODY " 100\n" CLOCK,
				       "2 7 110\n" ALIVE "GoDestroy dt=1\n",
				       "EndOfGeneration",
				       NULL};
	struct reading reading = read_batches(batches, &roomy_limits, false);
	assert_true(reading.is_accepted);
	assert_int_equal(reading.condition.broken, 1);
	assert_int_equal(reading.losses, 1);
	assert_int_equal(reading.syncs, 3);
	assert_int_equal(reading.events, 3 + 2 + 1 + 3);
	assert_false(read_batches(batches, &roomy_limits, true).is_accepted);
}

static void a_trace_without_its_end_gives_what_is_whole(void **state)
{
	(void)state;
	const char *const batches[] = {"1 " NOBODY " 0\n" CLOCK, "1 7 10\n" ALIVE "GoDestroy dt=1\n", NULL};
	struct reading reading = read_batches(batches, &roomy_limits, false);
	assert_true(reading.is_accepted && reading.condition.is_cut);
	assert_int_equal(reading.condition.broken, 0);
	assert_int_equal(reading.events, 2 + 3);
	assert_false(read_batches(batches, &roomy_limits, true).is_accepted);
}

static void bytes_between_batches_are_passed_over(void **state)
{
	(void)state;
	const char *const batches[] = {"1 " NOBODY " 0\n" CLOCK, "1 7 10\n" ALIVE "GoDestroy dt=1\n",
				       "EndOfGeneration", NULL};
	size_t size;
	uint8_t *bytes = trace_of(batches, &size);
	uint8_t *damaged = memory_allocate(size + 5);
	memcpy(damaged, bytes, GO_HEAD_SIZE);
	memset(damaged + GO_HEAD_SIZE, 0xee, 5);
	memcpy(damaged + GO_HEAD_SIZE + 5, bytes + GO_HEAD_SIZE, size - GO_HEAD_SIZE);
	struct reading reading = read_trace(damaged, size + 5, &roomy_limits, 0);
	assert_true(reading.is_accepted);
	assert_int_equal(reading.condition.broken, 1);
	assert_int_equal(reading.events, 2 + 3);
	free(damaged);
	free(bytes);
}

static void a_task_ends_with_the_span_that_its_log_told(void **state)
{
	(void)state;
	const char *const batches[] = {
		"1 " NOBODY " 0\n" CLOCK,
		"1 " NOBODY
		" 0\nStrings\nString id=1\n data=\"order\"\nString id=2\n data=\"datadog.uint64_span_id\"\n"
		"String id=3\n data=\"\\x01\\x02\\x00\\x00\\x00\\x00\\x00\\x80\"\n",
		"1 7 10\n" ALIVE "UserTaskBegin dt=1 task=5 parent_task=0 name_string=1 stack=0\n"
		"UserLog dt=1 task=5 key_string=2 value_string=3 stack=0\nUserTaskEnd dt=1 task=5 stack=0\n",
		"EndOfGeneration", NULL};
	size_t size;
	uint8_t *bytes = trace_of(batches, &size);
	struct byte_span rest = {bytes, size};
	struct error error;
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &error);
	struct go_reader *reader = go_reader_open(stream, &roomy_limits, true, &error);
	const struct go_event *event;
	uint64_t found = 0;
	while (go_reader_next(reader, &event, &error) > 0)
		if (event->type == GO_USER_TASK_END)
			found = event->span_id;
	assert_int_equal(found, UINT64_C(0x8000000000000201));
	go_reader_close(reader);
	byte_stream_close(stream);
	free(bytes);
}

static void other_traces_are_named(void **state)
{
	(void)state;
	static const struct {
		char head[GO_HEAD_SIZE];
		const char *said;
	} others[] = {{"go 1.21 trace", "Go 1.22 or newer"}, {"go 1.5 trace", "Go 1.22 or newer"},
		      {"go 1.27 trace", "Go 1.27"},          {"go 1.24 trace", "Go 1.24"},
		      {"go 1.x6 trace", "not a Go trace"},   {"TBT", "not a Go trace"}};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct reading reading =
			read_trace((const uint8_t *)others[i].head, GO_HEAD_SIZE, &roomy_limits, 0);
		assert_false(reading.is_accepted);
		if (!strstr(reading.error.text, others[i].said))
			fail_msg("%s: %s", others[i].head, reading.error.text);
	}
}

/* Each limit, crossed by this trace when it is lowered; the name of the option must be told. */
static void every_limit_holds(void **state)
{
	(void)state;
	const char *const batches[] = {
		"1 " NOBODY " 0\n" CLOCK,
		"1 " NOBODY " 0\nStrings\nString id=1\n data=\"a\"\nString id=2\n data=\"b\"\n",
		"1 7 10\n" ALIVE "UserTaskBegin dt=1 task=1 parent_task=0 name_string=1 stack=0\n"
		"UserTaskBegin dt=1 task=2 parent_task=0 name_string=1 stack=0\n"
		"UserRegionBegin dt=1 task=0 name_string=1 stack=0\nUserRegionBegin dt=1 task=0 "
		"name_string=2 stack=0\n"
		"GoCreate dt=1 new_g=2 new_stack=0 stack=0\n",
		"1 8 10\nProcStatus dt=1 p=1 pstatus=1\n",
		"EndOfGeneration",
		NULL};
	assert_true(read_batches(batches, &roomy_limits, true).is_accepted);
	struct go_limits low[6];
	static const char *const options[] = {"--max-generation", "--max-table", "--max-threads",
					      "--max-goroutines", "--max-tasks", "--max-nesting"};
	for (size_t i = 0; i < 6; i++)
		low[i] = roomy_limits;
	low[0].generation_bytes = 50;
	low[1].table_entries = 1;
	low[2].threads = 1;
	low[3].goroutines = 1;
	low[4].tasks = 1;
	low[5].nesting = 1;
	for (size_t i = 0; i < 6; i++) {
		struct reading reading = read_batches(batches, &low[i], true);
		assert_false(reading.is_accepted);
		if (!strstr(reading.error.text, options[i]))
			fail_msg("%s: %s", options[i], reading.error.text);
		assert_true(read_batches(batches, &low[i], false).is_accepted);
	}
}

/* Events of one to forty bytes, in two batches that are scanned side by side. */
static void a_scan_counts_every_event(void **state)
{
	(void)state;
	enum { EACH = 500 };
	char *batches[4] = {0};
	for (int i = 0; i < 2; i++) {
		size_t size;
		FILE *text = open_memstream(&batches[i], &size);
		fprintf(text, "1 %d 10\n", i + 1);
		for (unsigned long j = 0; j < EACH + (unsigned long)i; j++)
			fprintf(text,
				"ProcStop dt=%lu\nGoBlock dt=1 reason_string=%lu stack=%lu\nGoUnblock dt=%lu "
				"g=18446744073709551615 g_seq=18446744073709551615 "
				"stack=18446744073709551615\n",
				j % 300, j % 200, j * j, j);
		fclose(text);
	}
	batches[2] = strdup("EndOfGeneration");
	size_t size;
	uint8_t *bytes = trace_of((const char *const *)batches, &size);
	struct byte_span rest = {bytes, size};
	struct error error;
	struct go_scan scan;
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &error);
	assert_int_equal(go_scan_read(stream, &scan, &error), 0);
	assert_int_equal(scan.counts[GO_PROC_STOP], 2 * EACH + 1);
	assert_int_equal(scan.counts[GO_GO_BLOCK], 2 * EACH + 1);
	assert_int_equal(scan.counts[GO_GO_UNBLOCK], 2 * EACH + 1);
	assert_int_equal(scan.batches[GO_EVENT_BATCH], 2);
	assert_int_equal(scan.malformed, 0);
	uint64_t sum = GO_HEAD_SIZE;
	for (int i = 0; i < GO_EVENT_NUMBERS; i++)
		sum += scan.bytes[i];
	assert_int_equal(sum, size);
	byte_stream_close(stream);
	free(bytes);
	for (int i = 0; i < 3; i++)
		free(batches[i]);
}

static void ids_come_and_go(void **state)
{
	(void)state;
	enum { IDS = 400, STEPS = 200000 };
	uint32_t truth[IDS];
	struct id_map map = {0};
	uint64_t seed = 12345;
	for (size_t i = 0; i < IDS; i++)
		truth[i] = ID_MAP_NONE;
	for (uint32_t step = 0; step < STEPS; step++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		uint64_t id = (seed >> 33) % IDS;
		assert_int_equal(id_map_find(&map, id * 64), truth[id]);
		if (truth[id] == ID_MAP_NONE) {
			id_map_add(&map, id * 64, step);
			truth[id] = step;
		} else {
			id_map_remove(&map, id * 64);
			truth[id] = ID_MAP_NONE;
		}
	}
	id_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_that_ends_out_of_turn_is_told_and_passed_over),
		cmocka_unit_test(behind_a_broken_generation_the_next_is_read),
		cmocka_unit_test(a_trace_without_its_end_gives_what_is_whole),
		cmocka_unit_test(bytes_between_batches_are_passed_over),
		cmocka_unit_test(a_task_ends_with_the_span_that_its_log_told),
		cmocka_unit_test(other_traces_are_named),
		cmocka_unit_test(every_limit_holds),
		cmocka_unit_test(a_scan_counts_every_event),
		cmocka_unit_test(ids_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
