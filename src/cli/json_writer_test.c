/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json_writer.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *text;
static size_t size;
static struct json_writer *json;

static void begin(void)
{
	json = memory_allocate(sizeof *json);
	json_init(json, open_memstream(&text, &size));
}

static void ends_as(const char *expected)
{
	json_flush(json);
	fclose(json->output);
	assert_string_equal(text, expected);
	free(text);
	free(json);
}

static void commas_and_lines_stand_where_they_belong(void **state)
{
	(void)state;
	begin();
	json_begin_object(json);
	json_line(json);
	json_set_number(json, "a", 0);
	json_set_text(json, "b", NULL);
	json_line(json);
	json_key(json, "c");
	json_begin_array(json);
	json_line(json);
	json_begin_object(json);
	json_end_object(json);
	json_line(json);
	json_begin_object(json);
	json_set_true(json, "d");
	json_end_object(json);
	json_line(json);
	json_end_array(json);
	json_end_object(json);
	ends_as("{\n\"a\":0,\"b\":\"\",\n\"c\":[\n{},\n{\"d\":true}\n]}");
}

static void texts_are_escaped(void **state)
{
	(void)state;
	begin();
	json_begin_object(json);
	json_key_text(json, "chan \"receive\"");
	json_text(json, "a\\b\n\x01 \xc3\xa9");
	json_end_object(json);
	ends_as("{\"chan \\\"receive\\\"\":\"a\\\\b\\u000a\\u0001 \xc3\xa9\"}");
}

static void numbers_beyond_what_readers_take_are_cut(void **state)
{
	(void)state;
	begin();
	json_begin_array(json);
	json_number(json, UINT64_MAX);
	json_number(json, 1234567890);
	json_end_array(json);
	ends_as("[9223372036854775807,1234567890]");
}

static void a_text_may_be_longer_than_the_room(void **state)
{
	(void)state;
	char *longer = memory_allocate(3 * JSON_ROOM + 1), *expected = memory_allocate(3 * JSON_ROOM + 3);
	memset(longer, 'x', 3 * JSON_ROOM);
	sprintf(expected, "\"%s\"", longer);
	begin();
	json_text(json, longer);
	ends_as(expected);
	free(longer);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_lines_stand_where_they_belong),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(numbers_beyond_what_readers_take_are_cut),
		cmocka_unit_test(a_text_may_be_longer_than_the_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
