/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text.h"
#include "block/test_bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Text to a trace and back; or the error. The caller frees. */
static char *there_and_back(const char *text)
{
	struct test_bytes file = {0};
	struct error error = {""};
	FILE *input = fmemopen((void *)text, strlen(text), "r");
	int result = text_undump(input, test_bytes_sink(&file), &error);
	fclose(input);
	if (result) {
		free(file.bytes);
		return memory_copy_text(error.text, strlen(error.text));
	}

	char *again;
	size_t again_size;
	FILE *output = open_memstream(&again, &again_size);
	struct trace_bytes bytes = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), &error);
	assert_non_null(reader);
	assert_int_equal(text_dump(reader, output, &error), 0);
	struct trace_condition condition = trace_reader_condition(reader);
	assert_int_equal(condition.is_cut, 0);
	assert_int_equal(condition.blocks_damaged, 0);
	trace_reader_close(reader);
	fclose(output);
	free(file.bytes);
	return again;
}

static void assert_becomes(const char *text, const char *expected)
{
	char *again = there_and_back(text);
	assert_string_equal(again, expected);
	free(again);
}

static void text_as_dump_writes_it_comes_back_the_same(void **state)
{
	(void)state;
	const char *text = "tickbird trace 1\n"
			   "\n"
			   "block clock=tsc\n"
			   "slice thread=0\n"
			   "1000 clock_pair monotonic_ns=5000000 uncertainty_ns=20\n"
			   "1000 string id=1 text=\"main\"\n"
			   "1000 mapping process=1 start=0x7ffff7dd0000 size=8192 file_offset=0 module=1\n"
			   "slice thread=1 time=990 address=0x7ffff7dd0000\n"
			   "1200+300 lock_wait object=0x7ffff7dd1040 stack=7\n"
			   "1500 start_inferred\n"
			   "1490+20 poll_wait fd=-1 stack=0\n"
			   "slice thread=1\n"
			   "1600 lock_release object=0x7ffff7dd1040 stack=9\n"
			   "\n"
			   "block clock=monotonic\n"
			   "slice thread=2\n"
			   "18446744073709551615+18446744073709551615 gap off=18446744073709551615"
			   " voluntary_switches=0 involuntary_switches=1 major_faults=0 stack=3\n"
			   "0+0 child_wait pid=-9223372036854775808 stack=1\n";
	assert_becomes(text, text);
}

static void texts_are_quoted_so_that_a_terminal_is_safe(void **state)
{
	(void)state;
	const char *text = "tickbird trace 1\n"
			   "\n"
			   "block clock=monotonic\n"
			   "slice thread=0\n"
			   "1 string id=1 text=\"say \\\"hi\\\" \\\\ tab\\t line\\r\\n bell\\x07 zero\\x00 "
			   "escape\\x1b[2J\"\n"
			   "2 string id=2 text=\"größe 時間 🐦\"\n"
			   "3 string id=3 text=\"not utf-8: \\xff \\xc3( \\xc0\\x80 \\xed\\xa0\\x80 "
			   "\\xf4\\x90\\x80\\x80 \\xc2\\x9b\"\n"
			   "4 string id=4 text=\"\"\n";
	assert_becomes(text, text);
}

static void what_is_left_out_by_hand_has_defaults(void **state)
{
	(void)state;
	assert_becomes("# a small one\r\n"
		       "\n"
		       "  tickbird trace 1 # the head\n"
		       "5 string text=\"a # b\" id=0x10 # fields in any order\n"
		       "\t10 lock_wait\n"
		       "block\n"
		       "20+3 sleep_wait stack=2",
		       "tickbird trace 1\n"
		       "\n"
		       "block clock=monotonic\n"
		       "slice thread=0\n"
		       "5 string id=16 text=\"a # b\"\n"
		       "10+0 lock_wait object=0x0 stack=0\n"
		       "\n"
		       "block clock=monotonic\n"
		       "slice thread=0\n"
		       "20+3 sleep_wait stack=2\n");
}

static void a_trace_without_events_is_a_trace(void **state)
{
	(void)state;
	assert_becomes("tickbird trace 1\n", "tickbird trace 1\n");
}

static void types_of_another_version_are_declared_by_the_text(void **state)
{
	(void)state;
	const char *text = "tickbird trace 1\n"
			   "type 83 poll_wait range:poll fd:sint\n"
			   "type 87 sleep_wait range:sleep stack:stack until:uint why:text\n"
			   "type 126 gpu_wait range:gpu queue:address\n"
			   "type 127 mark point\n"
			   "\n"
			   "block clock=monotonic\n"
			   "slice thread=1\n"
			   "1+1 poll_wait fd=3\n"
			   "2+2 sleep_wait stack=4 until=5 why=\"tired\"\n"
			   "3+3 gpu_wait queue=0xabc\n"
			   "4 mark\n";
	assert_becomes(text, text);
}

static void errors_name_the_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"# nothing\n", "line 1: not a trace as text, which begins with 'tickbird trace 1'"},
		{"\nhello\n", "line 2: not a trace as text, which begins with 'tickbird trace 1'"},
		{"tickbird trace 2\n",
		 "line 1: the text is of version 2 and this program reads version 1: use another tickbird"},
		{"tickbird trace 1 2\n", "line 1: what stands at column 18 does not belong there"},
		{"tickbird trace 1\nlock_wait\n",
		 "line 2: a line begins with a time, type, block, slice or #"},
		{"tickbird trace 1\n5 lock_wiat\n", "line 2: there is no event 'lock_wiat'"},
		{"tickbird trace 1\n5 \n", "line 2: there is no event ''"},
		{"tickbird trace 1\n5+ lock_wait\n", "line 2: a range is START+DURATION, both in ticks"},
		{"tickbird trace 1\n5+1 lock_release\n",
		 "line 2: lock_release is a point in time, without a duration"},
		{"tickbird trace 1\n5 lock_wait fd=1\n", "line 2: lock_wait has no field 'fd'"},
		{"tickbird trace 1\n5 lock_wait \x1b[2J\n", "line 2: lock_wait has no field ''"},
		{"tickbird trace 1\n5 lock_wait stack=1 stack=1\n",
		 "line 2: the field stack stands here twice"},
		{"tickbird trace 1\n5 lock_wait stack=-1\n",
		 "line 2: stack is written stack=VALUE, the value being a stack"},
		{"tickbird trace 1\n5 lock_wait stack=18446744073709551616\n",
		 "line 2: stack is written stack=VALUE, the value being a stack"},
		{"tickbird trace 1\n5 poll_wait fd=9223372036854775808\n",
		 "line 2: fd is written fd=VALUE, the value being a sint"},
		{"tickbird trace 1\n5 string text=\"abc\n",
		 "line 2: text is written text=VALUE, the value being a text"},
		{"tickbird trace 1\n5 string text=\"\\x4\"\n",
		 "line 2: text is written text=VALUE, the value being a text"},
		{"tickbird trace 1\nblock clock=sundial\n",
		 "line 2: there is no clock 'sundial'; clocks are monotonic, tsc"},
		{"tickbird trace 1\nslice thraed=1\n",
		 "line 2: a slice is: slice [thread=NUMBER] [time=TICKS] [address=ADDRESS]"},
		{"tickbird trace 1\nblock\ntype 127 mark point\n",
		 "line 3: types are declared before the first block, slice and event"},
		{"tickbird trace 1\ntype 128 mark point\n", "line 2: the number of a type is from 1 to 127"},
		{"tickbird trace 1\ntype 127 mark dot\n",
		 "line 2: a type is declared as: type NUMBER NAME point|range[:REASON] [FIELD:TYPE]..."},
		{"tickbird trace 1\ntype 127 mark point a:uint a:uint\nblock\n",
		 "line 3: the table of events is malformed"},
		{"tickbird trace 1\ntype 83 poll_wait point\nblock\n",
		 "line 3: event 83 is declared otherwise than in this program"},
		{"tickbird trace 1\ntype 127 gap point\nblock\n", "line 3: the table of events is malformed"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_becomes(cases[i].text, cases[i].error);
}

/* A text of `size` bytes in one event. */
static char *with_text_of(size_t size)
{
	char *text = memory_allocate(size + 100);
	size_t head = (size_t)sprintf(text, "tickbird trace 1\n1 string id=1 text=\"");
	memset(text + head, 'x', size);
	strcpy(text + head + size, "\"\n");
	return text;
}

static void an_event_or_line_too_big_is_an_error(void **state)
{
	(void)state;
	static const struct {
		size_t size;
		const char *error;
	} cases[] = {
		{EVENT_SIZE_MAX - 16, NULL},
		{EVENT_SIZE_MAX, "line 2: the event is bigger than 65536 bytes"},
		{EVENT_SIZE_MAX + 1, "line 2: the event is bigger than 65536 bytes"},
		{5 * EVENT_SIZE_MAX, "line 2: the line is longer than 266240 bytes"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = with_text_of(cases[i].size);
		char *again = there_and_back(text);
		if (cases[i].error)
			assert_string_equal(again, cases[i].error);
		else
			assert_int_equal(strncmp(again, "tickbird trace 1\n\nblock", 23), 0);
		free(again);
		free(text);
	}
}

static void a_full_disk_is_told_at_the_end(void **state)
{
	(void)state;
	const char *text = "tickbird trace 1\n1 string text=\"a\"\n";
	struct test_bytes file = {.room = 30};
	struct error error;
	FILE *input = fmemopen((void *)text, strlen(text), "r");
	assert_int_equal(text_undump(input, test_bytes_sink(&file), &error), -1);
	assert_string_equal(error.text, "cannot write the trace: No space left on device");
	fclose(input);
	free(file.bytes);
}

static void a_text_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct trace_writer *writer = trace_writer_create(test_bytes_sink(&file));
	for (int i = 0; i < 1000; i++)
		event_put_process_end(trace_writer_fact(writer, TRACE_CLOCK_TSC, EVENT_PROCESS_END_MAX), 1,
				      1);
	assert_int_equal(trace_writer_finish(writer, NULL), 0);
	trace_writer_destroy(writer);

	struct trace_bytes bytes = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	FILE *full = fopen("/dev/full", "w");
	struct error error;
	assert_int_equal(text_dump(reader, full, &error), -1);
	assert_string_equal(error.text, "cannot write the text: No space left on device");
	fclose(full);
	trace_reader_close(reader);
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_as_dump_writes_it_comes_back_the_same),
		cmocka_unit_test(texts_are_quoted_so_that_a_terminal_is_safe),
		cmocka_unit_test(what_is_left_out_by_hand_has_defaults),
		cmocka_unit_test(a_trace_without_events_is_a_trace),
		cmocka_unit_test(types_of_another_version_are_declared_by_the_text),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(an_event_or_line_too_big_is_an_error),
		cmocka_unit_test(a_full_disk_is_told_at_the_end),
		cmocka_unit_test(a_text_that_cannot_be_written_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
