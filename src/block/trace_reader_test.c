/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_reader.h"
#include "block/block.h"
#include "block/file_head.h"
#include "block/schema_block.h"
#include "block/test_bytes.h"
#include "block/text.h"
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { HEADER = BLOCK_HEADER_SIZE };

/* A small trace of three blocks of two events. */
static const char *const lines[] = {
	"block 0 slice 0 thread 0: string 100",     "block 0 slice 1 thread 1: poll_wait 150",
	"block 1 slice 2 thread 2: lock_wait 260",  "block 1 slice 2 thread 2: lock_release 270",
	"block 2 slice 3 thread 1: sleep_wait 390", "block 2 slice 3 thread 1: thread_end 400",
};
enum { LINES = sizeof lines / sizeof *lines, BLOCKS = 3, LINES_OF_BLOCK = 2 };

static struct test_bytes small_trace(void)
{
	static const char text[] =
		"tickbird trace 1\n"
		"block\nslice\n100 string id=1 text=\"a\"\nslice thread=1\n140+10 poll_wait fd=3\n"
		"block\nslice thread=2\n200+60 lock_wait object=0x10\n270 lock_release object=0x10\n"
		"block clock=tsc\nslice thread=1\n300+90 sleep_wait\n400 thread_end cpu_ns=5\n";
	struct test_bytes file = {0};
	FILE *input = fmemopen((void *)text, sizeof text - 1, "r");
	assert_int_equal(text_undump(input, test_bytes_sink(&file), NULL), 0);
	fclose(input);
	return file;
}

/* What reading gave. */
struct result {
	char open_error[sizeof(struct error)];
	char lines[LINES + 2][64];
	unsigned count;
	struct trace_condition condition;
};

static struct result read_all(const void *bytes, size_t size)
{
	/* A copy that ends with the allocation, so that a sanitizer sees a read behind the end. */
	void *copy = malloc(size ? size : 1);
	memcpy(copy, bytes, size);
	struct trace_bytes source = {copy, size};
	struct result result = {0};
	struct error error;
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&source), &error);
	if (!reader) {
		strcpy(result.open_error, error.text);
		free(copy);
		return result;
	}
	struct event event;
	const struct trace_slice *slice;
	int found;
	while ((found = trace_reader_next(reader, &event, &slice, &error)) > 0) {
		assert_true(result.count < LINES + 2);
		snprintf(result.lines[result.count++], 64, "block %u slice %u thread %u: %s %u",
			 (unsigned)slice->block, (unsigned)slice->number, (unsigned)slice->thread,
			 event.type->name, (unsigned)event.time);
	}
	assert_int_equal(found, 0);
	assert_int_equal(trace_reader_next(reader, &event, &slice, &error), 0);
	result.condition = trace_reader_condition(reader);
	trace_reader_close(reader);
	free(copy);
	return result;
}

static void a_whole_trace_is_read_in_its_order(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	struct result result = read_all(file.bytes, file.size);
	assert_string_equal(result.open_error, "");
	assert_int_equal(result.count, LINES);
	for (unsigned i = 0; i < LINES; i++)
		assert_string_equal(result.lines[i], lines[i]);
	assert_int_equal(result.condition.is_cut, 0);
	assert_int_equal(result.condition.blocks_read, BLOCKS);
	assert_int_equal(result.condition.blocks_damaged, 0);
	free(file.bytes);
}

static void a_file_cut_at_any_byte_opens_up_to_the_cut(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	struct trace_bytes bytes = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	const struct trace_index_entry *entries;
	assert_int_equal(trace_reader_index(reader, &entries), BLOCKS);

	for (size_t size = 1; size < file.size; size++) {
		unsigned whole = 0;
		for (; whole < BLOCKS; whole++) {
			struct block_header header;
			uint64_t offset = entries[whole].offset;
			assert_int_equal(block_header_decode(file.bytes + offset, offset, &header), 0);
			if (offset + HEADER + header.stored_size > size)
				break;
		}
		struct result result = read_all(file.bytes, size);
		assert_string_equal(result.open_error, "");
		assert_int_equal(result.count, LINES_OF_BLOCK * whole);
		for (unsigned i = 0; i < result.count; i++)
			assert_string_equal(result.lines[i], lines[i]);
		assert_int_equal(result.condition.is_cut, 1);
		assert_in_range(result.condition.cut_at, 0, size);
		if (whole)
			assert_true(result.condition.cut_at >= entries[whole - 1].offset);
		assert_int_equal(result.condition.blocks_read, whole);
		assert_int_equal(result.condition.blocks_damaged, 0);
	}
	trace_reader_close(reader);
	free(file.bytes);
}

/* Whether these are some of the events that were written, in their order; at least those of all blocks but one. */
static bool is_all_but_a_block(const struct result *result)
{
	unsigned next = 0;
	for (unsigned i = 0; i < result->count; i++) {
		const char *what = strchr(result->lines[i], ':');
		while (next < LINES && strcmp(what, strchr(lines[next], ':')))
			next++;
		if (next++ >= LINES)
			return false;
	}
	return result->count >= LINES - LINES_OF_BLOCK;
}

static void a_flipped_bit_costs_no_more_than_its_block(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	for (size_t i = 0; i < file.size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			file.bytes[i] ^= (uint8_t)(1 << bit);
			struct result result = read_all(file.bytes, file.size);
			file.bytes[i] ^= (uint8_t)(1 << bit);
			assert_string_equal(result.open_error, "");
			assert_true(is_all_but_a_block(&result));
			assert_int_equal(result.condition.blocks_damaged, 1);
			assert_in_range(result.condition.first_damage_at, 0, i);
		}
	}
	free(file.bytes);
}

static void any_byte_written_over_costs_no_more_than_its_block(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	for (size_t i = 0; i < file.size; i++) {
		uint8_t saved = file.bytes[i];
		for (unsigned value = 0; value < 256; value += 5) {
			file.bytes[i] = (uint8_t)value;
			struct result result = read_all(file.bytes, file.size);
			assert_string_equal(result.open_error, "");
			assert_true(is_all_but_a_block(&result));
			assert_int_equal(result.condition.blocks_damaged, value != saved);
		}
		file.bytes[i] = saved;
	}
	free(file.bytes);
}

static void zeros_at_the_end_are_a_cut(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	size_t cut = file.size - 100;
	uint8_t *bytes = calloc(1, 300000);
	memcpy(bytes, file.bytes, cut);
	struct result result = read_all(bytes, 300000);
	assert_int_equal(result.count, LINES);
	assert_int_equal(result.condition.is_cut, 1);
	free(bytes);
	free(file.bytes);
}

static void what_is_not_a_trace_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
		const char *error;
	} cases[] = {
		{"", 0, "the file is empty, nothing was recorded in it"},
		{"x", 1, "not a Tickbird trace: record one with tickbird run -o FILE -- COMMAND"},
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0",
		 20, "not a Tickbird trace: record one with tickbird run -o FILE -- COMMAND"},
		{"go 1.22 trace\0\0\0", 16,
		 "not a Tickbird trace: record one with tickbird run -o FILE -- COMMAND"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(read_all(cases[i].bytes, cases[i].size).open_error, cases[i].error);
}

static void another_version_is_named(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	file.bytes[8] = 2;
	uint32_t checksum = block_checksum(file.bytes, 12);
	memcpy(file.bytes + 12, &checksum, sizeof checksum);
	assert_string_equal(
		read_all(file.bytes, file.size).open_error,
		"the trace is of format version 2 and this program reads version 1: use another tickbird");
	free(file.bytes);
}

/* A file of the blocks given, each with its payload stored as it is. */
static void add_block(struct test_bytes *file, enum block_kind kind, uint32_t schema_checksum,
		      const void *payload, size_t size)
{
	uint8_t bytes[FILE_HEAD_SIZE + HEADER];
	if (!file->size) {
		file_head_encode(bytes);
		test_bytes_write(file, bytes, FILE_HEAD_SIZE);
	}
	struct block_header header = {.kind = (uint8_t)kind,
				      .stored_size = (uint32_t)size,
				      .size = (uint32_t)size,
				      .payload_checksum = block_checksum(payload, size),
				      .schema_checksum = schema_checksum,
				      .offset = file->size};
	block_header_encode(&header, bytes);
	test_bytes_write(file, bytes, HEADER);
	test_bytes_write(file, payload, size);
}

static uint32_t add_own_schema(struct test_bytes *file)
{
	size_t size;
	uint8_t *payload = schema_encode(&event_schema_own, &size);
	add_block(file, BLOCK_SCHEMA, 0, payload, size);
	uint32_t checksum = block_checksum(payload, size);
	free(payload);
	return checksum;
}

/* thread 1, registers 0, 0, then the size of the slice */
#define SLICE          "\x01\x00\x00"
#define START_INFERRED "\x43\x02"

static void malformed_events_end_their_block_alone(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
		unsigned events;
		unsigned damaged;
	} cases[] = {
		{"", 0, 0, 0},
		{SLICE "\x02" START_INFERRED, 6, 1, 0},
		{SLICE "\x02" START_INFERRED SLICE "\x00" SLICE "\x02" START_INFERRED, 16, 2, 0},
		{SLICE "\x02" START_INFERRED SLICE, 9, 1, 1},
		{SLICE "\x02" START_INFERRED SLICE "\x03" START_INFERRED, 12, 1, 1},
		{SLICE "\x02" START_INFERRED SLICE "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" START_INFERRED,
		 21, 1, 1},
		{SLICE "\x03" START_INFERRED "\x43" SLICE "\x02" START_INFERRED, 13, 1, 1},
		{SLICE "\x04" START_INFERRED "\x7d\x02", 8, 1, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_bytes file = {0};
		uint32_t schema = add_own_schema(&file);
		add_block(&file, BLOCK_EVENTS, schema, cases[i].bytes, cases[i].size);
		add_block(&file, BLOCK_EVENTS, schema, SLICE "\x02" START_INFERRED, 6);
		struct result result = read_all(file.bytes, file.size);
		assert_int_equal(result.count, cases[i].events + 1);
		assert_int_equal(result.condition.blocks_damaged, cases[i].damaged);
		assert_int_equal(result.condition.blocks_read, 2 - cases[i].damaged);
		free(file.bytes);
	}
}

static void blocks_of_another_schema_or_kind_are_left_out(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	uint32_t schema = add_own_schema(&file);
	add_block(&file, BLOCK_EVENTS, schema + 1, SLICE "\x02" START_INFERRED, 6);
	add_block(&file, (enum block_kind)99, schema, "from the future", 15);
	add_block(&file, BLOCK_EVENTS, schema, SLICE "\x02" START_INFERRED, 6);
	struct result result = read_all(file.bytes, file.size);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.condition.blocks_damaged, 1);
	free(file.bytes);
}

/* A text may hold a trace, and the block around it may be damaged: its blocks are still no blocks of this file. */
static void a_trace_inside_a_text_is_not_read_as_blocks(void **state)
{
	(void)state;
	struct test_bytes inner = small_trace(), file = {0};
	uint32_t schema = add_own_schema(&file);
	size_t damaged_at = file.size;
	add_block(&file, BLOCK_EVENTS, schema, inner.bytes, inner.size);
	add_block(&file, BLOCK_EVENTS, schema, SLICE "\x02" START_INFERRED, 6);
	file.bytes[damaged_at] ^= 1;
	struct result result = read_all(file.bytes, file.size);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.condition.blocks_damaged, 1);
	assert_int_equal(result.condition.first_damage_at, damaged_at);
	free(inner.bytes);
	free(file.bytes);
}

/* The header behind the damage stands across the window in which the reader looks for it. */
static void a_header_is_found_wherever_it_stands(void **state)
{
	(void)state;
	enum { WINDOW = 64 * 1024, AROUND = 150 };
	uint8_t *payload = calloc(1, WINDOW + AROUND);
	for (size_t size = WINDOW - AROUND; size < WINDOW + AROUND; size++) {
		struct test_bytes file = {0};
		uint32_t schema = add_own_schema(&file);
		size_t damaged_at = file.size;
		add_block(&file, BLOCK_EVENTS, schema, payload, size);
		add_block(&file, BLOCK_EVENTS, schema, SLICE "\x02" START_INFERRED, 6);
		file.bytes[damaged_at + 30] ^= 1;
		assert_int_equal(read_all(file.bytes, file.size).count, 1);
		free(file.bytes);
	}
	free(payload);
}

static int64_t fail_to_read(void *context, uint64_t offset, void *buffer, size_t size)
{
	const struct trace_bytes *bytes = context;
	if (offset + size > 200) {
		errno = EIO;
		return -1;
	}
	memcpy(buffer, (const char *)bytes->bytes + offset, size);
	return (int64_t)size;
}

static void a_source_that_fails_is_an_error(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	struct trace_bytes bytes = {file.bytes, file.size};
	struct error error;
	assert_null(trace_reader_open((struct trace_source){fail_to_read, &bytes, file.size}, &error));
	assert_string_equal(error.text, "cannot read the trace: Input/output error");
	free(file.bytes);
}

static void the_index_tells_where_times_are(void **state)
{
	(void)state;
	struct test_bytes file = small_trace();
	struct trace_bytes bytes = {file.bytes, file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	const struct trace_index_entry *entries;
	assert_int_equal(trace_reader_index(reader, &entries), BLOCKS);
	static const uint64_t first[] = {100, 200, 300}, last[] = {150, 270, 400};
	for (unsigned i = 0; i < BLOCKS; i++) {
		assert_memory_equal(file.bytes + entries[i].offset, block_mark, BLOCK_MARK_SIZE);
		assert_int_equal(entries[i].events, LINES_OF_BLOCK);
		assert_int_equal(entries[i].first_time, first[i]);
		assert_int_equal(entries[i].last_time, last[i]);
		assert_int_equal(entries[i].clock, i == 2 ? TRACE_CLOCK_TSC : TRACE_CLOCK_MONOTONIC);
	}
	trace_reader_close(reader);

	bytes.size--;
	reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	assert_int_equal(trace_reader_index(reader, &entries), 0);
	trace_reader_close(reader);
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_trace_is_read_in_its_order),
		cmocka_unit_test(a_file_cut_at_any_byte_opens_up_to_the_cut),
		cmocka_unit_test(a_flipped_bit_costs_no_more_than_its_block),
		cmocka_unit_test(any_byte_written_over_costs_no_more_than_its_block),
		cmocka_unit_test(zeros_at_the_end_are_a_cut),
		cmocka_unit_test(what_is_not_a_trace_is_refused),
		cmocka_unit_test(another_version_is_named),
		cmocka_unit_test(malformed_events_end_their_block_alone),
		cmocka_unit_test(blocks_of_another_schema_or_kind_are_left_out),
		cmocka_unit_test(a_trace_inside_a_text_is_not_read_as_blocks),
		cmocka_unit_test(a_header_is_found_wherever_it_stands),
		cmocka_unit_test(a_source_that_fails_is_an_error),
		cmocka_unit_test(the_index_tells_where_times_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
