/* SPDX-License-Identifier: Apache-2.0 */
#include "block/schema_block.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static struct schema_table table;

/* Decodes what would be written for these types; the error or "". */
static const char *try_types(const struct event_type *types, size_t count)
{
	static struct error error;
	struct event_schema schema = {0};
	for (size_t i = 0; i < count; i++)
		schema.by_number[types[i].number] = &types[i];
	size_t size;
	uint8_t *payload = schema_encode(&schema, &size);
	error.text[0] = '\0';
	schema_decode(&table, payload, size, &error);
	free(payload);
	return error.text;
}

static void our_own_types_are_found_to_be_ours(void **state)
{
	(void)state;
	size_t size;
	uint8_t *payload = schema_encode(&event_schema_own, &size);
	assert_int_equal(schema_decode(&table, payload, size, NULL), 0);
	assert_memory_equal(&table.schema, &event_schema_own, sizeof event_schema_own);
	schema_table_fini(&table);
	free(payload);
}

static void a_type_we_do_not_know_keeps_its_names(void **state)
{
	(void)state;
	const struct event_type gpu_wait = {.number = 126,
					    .shape = EVENT_RANGE,
					    .field_count = 2,
					    .name = "gpu_wait",
					    .reason = "gpu",
					    .fields = {{"queue", FIELD_ADDRESS}, {"kernel", FIELD_TEXT}}};
	assert_string_equal(try_types(&gpu_wait, 1), "");
	const struct event_type *type = table.schema.by_number[126];
	assert_string_equal(type->name, "gpu_wait");
	assert_string_equal(type->reason, "gpu");
	assert_int_equal(type->shape, EVENT_RANGE);
	assert_int_equal(type->field_count, 2);
	assert_string_equal(type->fields[1].name, "kernel");
	assert_int_equal(type->fields[1].type, FIELD_TEXT);
	assert_null(table.schema.by_number[EVENT_POLL_WAIT]);
	schema_table_fini(&table);
}

static void a_known_type_may_have_fewer_or_more_fields(void **state)
{
	(void)state;
	const struct event_type types[] = {
		{.number = EVENT_POLL_WAIT,
		 .shape = EVENT_RANGE,
		 .field_count = 1,
		 .name = "poll_wait",
		 .reason = "poll",
		 .fields = {{"descriptor", FIELD_SINT}}},
		{.number = EVENT_SLEEP_WAIT,
		 .shape = EVENT_RANGE,
		 .field_count = 2,
		 .name = "sleep_wait",
		 .reason = "sleep",
		 .fields = {{"stack", FIELD_STACK}, {"until", FIELD_UINT}}},
	};
	assert_string_equal(try_types(types, 2), "");
	const struct event_type *poll = table.schema.by_number[EVENT_POLL_WAIT];
	const struct event_type *sleep = table.schema.by_number[EVENT_SLEEP_WAIT];
	assert_int_equal(poll->field_count, 1);
	assert_string_equal(poll->fields[EVENT_POLL_WAIT_FD].name, "fd");
	assert_int_equal(sleep->field_count, 2);
	assert_string_equal(sleep->fields[EVENT_SLEEP_WAIT_STACK].name, "stack");
	assert_string_equal(sleep->fields[1].name, "until");

	/* poll_wait as the older program wrote it: 83, distance 1, duration 2, fd 3 */
	static const uint8_t bytes[] = {83, 2, 2, 6};
	struct event_registers registers = {0};
	const uint8_t *at = bytes;
	struct event event;
	assert_int_equal(event_decode(&table.schema, &registers, &at, bytes + sizeof bytes, &event), 1);
	assert_int_equal(event.values[EVENT_POLL_WAIT_FD].number, 3);
	assert_int_equal(event.values[EVENT_POLL_WAIT_STACK].number, 0);
	schema_table_fini(&table);
}

static void what_contradicts_us_or_itself_is_an_error(void **state)
{
	(void)state;
	static const struct {
		struct event_type type;
		const char *error;
	} cases[] = {
		{{.number = EVENT_POLL_WAIT, .shape = EVENT_POINT, .name = "poll_wait"},
		 "event 83 is declared otherwise than in this program"},
		{{.number = EVENT_POLL_WAIT,
		  .shape = EVENT_RANGE,
		  .field_count = 1,
		  .name = "poll_wait",
		  .fields = {{"fd", FIELD_TEXT}}},
		 "event 83 is declared otherwise than in this program"},
		{{.number = 126, .name = "poll_wait"}, "the table of events is malformed"},
		{{.number = 126, .name = "Mark"}, "the table of events is malformed"},
		{{.number = 126, .name = ""}, "the table of events is malformed"},
		{{.number = 126, .name = "4mark"}, "the table of events is malformed"},
		{{.number = 126, .name = "mark", .reason = "a b"}, "the table of events is malformed"},
		{{.number = 126,
		  .name = "mark",
		  .field_count = 2,
		  .fields = {{"a", FIELD_UINT}, {"a", FIELD_UINT}}},
		 "the table of events is malformed"},
		{{.number = 126,
		  .name = "mark",
		  .field_count = 1,
		  .fields = {{"a", (enum event_field_type)FIELD_TYPE_COUNT}}},
		 "the table of events is malformed"},
		{{.number = 126, .name = "mark", .shape = 2}, "the table of events is malformed"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(try_types(&cases[i].type, 1), cases[i].error);
}

static void a_payload_cut_or_with_something_behind_it_is_an_error(void **state)
{
	(void)state;
	size_t size;
	uint8_t *payload = schema_encode(&event_schema_own, &size);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		memcpy(copy, payload, cut);
		assert_int_equal(schema_decode(&table, copy, cut, NULL), -1);
		free(copy);
	}
	uint8_t *longer = calloc(1, size + 1);
	memcpy(longer, payload, size);
	assert_int_equal(schema_decode(&table, longer, size + 1, NULL), -1);
	free(longer);
	free(payload);
}

static void names_of_the_greatest_length_have_room(void **state)
{
	(void)state;
	char longest[SCHEMA_NAME_MAX + 2];
	memset(longest, 'n', sizeof longest);
	assert_int_equal(schema_name_is_valid(longest, SCHEMA_NAME_MAX), 1);
	assert_int_equal(schema_name_is_valid(longest, SCHEMA_NAME_MAX + 1), 0);
	longest[SCHEMA_NAME_MAX] = '\0';
	struct event_type type = {.number = 126, .name = longest, .reason = longest};
	assert_string_equal(try_types(&type, 1), "");
	assert_string_equal(table.schema.by_number[126]->reason, longest);
	schema_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_types_are_found_to_be_ours),
		cmocka_unit_test(a_type_we_do_not_know_keeps_its_names),
		cmocka_unit_test(a_known_type_may_have_fewer_or_more_fields),
		cmocka_unit_test(what_contradicts_us_or_itself_is_an_error),
		cmocka_unit_test(a_payload_cut_or_with_something_behind_it_is_an_error),
		cmocka_unit_test(names_of_the_greatest_length_have_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
