/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/memory.h"
#include "trace/model/code_table.h"
#include "trace/model/stack_table.h"
#include <string.h>

static struct trace_moment at(uint64_t time_ns)
{
	return (struct trace_moment){time_ns, TRACE_CLOCK_MONOTONIC};
}

static char *text(const char *words)
{
	return memory_copy_text(words, strlen(words));
}

static struct source_frame resolve(const struct code_table *table, uint64_t pc, uint64_t time)
{
	struct string_table strings = {0};
	struct source_frame frames[INLINE_DEPTH_MAX];
	assert_int_equal(code_table_resolve(table, &strings, 1, pc, time, frames), 1);
	return frames[0];
}

static void address_is_looked_up_in_the_mapping_of_its_time(void **state)
{
	(void)state;
	struct code_table table = {0};
	struct clock_map clock = {0};
	string_table_add(&table.module_paths, 1, text("/old.so"));
	string_table_add(&table.module_paths, 2, text("/new.so"));
	code_table_map(&table,
		       (struct code_mapping){
			       .process = 1, .start = 0x1000, .size = 0x2000, .module = 1, .from = at(10)});
	code_table_unmap(&table, 1, 0x1000, at(50));
	code_table_map(&table, (struct code_mapping){.process = 1,
						     .start = 0x1800,
						     .size = 0x1000,
						     .file_offset = 0x100,
						     .module = 2,
						     .from = at(60)});
	code_table_settle(&table, &clock);
	assert_string_equal(resolve(&table, 0x1900, 20).module, "/old.so");
	assert_int_equal(resolve(&table, 0x1900, 20).address, 0x900);
	assert_string_equal(resolve(&table, 0x1900, 70).module, "/new.so");
	assert_int_equal(resolve(&table, 0x1900, 70).address, 0x200);
	assert_null(resolve(&table, 0x1100, 70).module);
	assert_int_equal(resolve(&table, 0x1100, 70).address, 0x1100);
	/* Told a moment after it was made. */
	assert_string_equal(resolve(&table, 0x1100, 5).module, "/old.so");
	assert_null(resolve(&table, 0x900, 20).module);
	code_table_fini(&table);
}

static void inlined_functions_come_innermost_first_and_bounded(void **state)
{
	(void)state;
	struct code_table table = {0};
	struct string_table strings = {0};
	struct clock_map clock = {0};
	struct source_frame frames[INLINE_DEPTH_MAX];
	const struct code_place place = {.process = 1, .address = 8};
	string_table_add(&strings, 1, text("inner"));
	string_table_add(&strings, 2, text("outer"));
	for (uint64_t depth = 100; depth > 1; depth--)
		code_table_frame(&table, (struct code_frame){.place = place, .inline_depth = depth});
	code_table_frame(&table,
			 (struct code_frame){.place = place, .inline_depth = 1, .function = 2, .line = 40});
	code_table_frame(&table,
			 (struct code_frame){.place = place, .inline_depth = 0, .function = 1, .line = 7});
	code_table_settle(&table, &clock);
	assert_int_equal(code_table_resolve(&table, &strings, 1, 8, 0, frames), INLINE_DEPTH_MAX);
	assert_string_equal(frames[0].function, "inner");
	assert_string_equal(frames[1].function, "outer");
	assert_int_equal(frames[1].line, 40);
	assert_null(frames[2].function);
	code_table_fini(&table);
	string_table_fini(&strings);
}

static void function_of_a_place_in_a_file_is_that_of_every_process(void **state)
{
	(void)state;
	struct code_table table = {0};
	struct string_table strings = {0};
	struct clock_map clock = {0};
	struct source_frame frames[INLINE_DEPTH_MAX];
	string_table_add(&strings, 1, text("main"));
	string_table_add(&strings, 2, text("other"));
	string_table_add(&strings, 3, text("generated"));
	string_table_add(&table.module_paths, 1, text("/bin/a"));
	string_table_add(&table.module_paths, 2, text("/bin/b"));
	for (uint64_t process = 1; process <= 2; process++)
		code_table_map(&table, (struct code_mapping){.process = process,
							     .start = 0x1000 * process,
							     .size = 0x1000,
							     .file_offset = 0x300,
							     .module = 1,
							     .from = at(10)});
	code_table_frame(&table,
			 (struct code_frame){.place = {.module = 1, .address = 0x310}, .function = 1});
	code_table_frame(&table,
			 (struct code_frame){.place = {.module = 2, .address = 0x310}, .function = 2});
	code_table_frame(&table,
			 (struct code_frame){.place = {.process = 2, .address = 0x2020}, .function = 3});
	code_table_settle(&table, &clock);
	assert_int_equal(code_table_resolve(&table, &strings, 1, 0x1010, 20, frames), 1);
	assert_string_equal(frames[0].function, "main");
	assert_int_equal(code_table_resolve(&table, &strings, 2, 0x2010, 20, frames), 1);
	assert_string_equal(frames[0].function, "main");
	assert_int_equal(frames[0].address, 0x310);
	code_table_resolve(&table, &strings, 1, 0x1020, 20, frames);
	assert_null(frames[0].function);
	code_table_resolve(&table, &strings, 2, 0x2020, 20, frames);
	assert_string_equal(frames[0].function, "generated");
	code_table_fini(&table);
	string_table_fini(&strings);
}

static void node(struct stack_table *table, uint64_t number, uint64_t parent, uint64_t pc, uint8_t kind)
{
	stack_table_add(table, 1, number, (struct stack_node){.parent = parent, .pc = pc, .kind = kind});
}

static void stack_is_its_node_and_all_parents(void **state)
{
	(void)state;
	struct stack_table table = {0};
	struct stack_path path;
	node(&table, 1, 0, 0x10, 0);
	node(&table, 2, 1, 0x20, 0);
	node(&table, 2, 9, 0x99, 0); /* a second node of the number is not believed */
	stack_table_path(&table, 1, 2, &path);
	assert_int_equal(path.depth, 2);
	assert_int_equal(path.nodes[0]->pc, 0x20);
	assert_int_equal(path.nodes[1]->pc, 0x10);
	assert_int_equal(path.is_cut, 0);
	stack_table_path(&table, 1, 0, &path);
	assert_int_equal(path.depth, 0);
	assert_int_equal(path.is_cut, 0);
	stack_table_fini(&table);
}

static void stack_with_end_marker_missing_parent_or_circle_is_cut(void **state)
{
	(void)state;
	struct stack_table table = {0};
	struct stack_path path;
	node(&table, 1, 0, 5, 2);
	node(&table, 2, 1, 0x20, 0);
	node(&table, 3, 77, 0x30, 0);
	node(&table, 4, 5, 0x40, 0);
	node(&table, 5, 4, 0x50, 0);
	stack_table_path(&table, 1, 2, &path);
	assert_int_equal(path.depth, 1);
	assert_int_equal(path.is_cut, 1);
	stack_table_path(&table, 1, 3, &path);
	assert_int_equal(path.depth, 1);
	assert_int_equal(path.is_cut, 1);
	stack_table_path(&table, 1, 4, &path);
	assert_int_equal(path.depth, STACK_DEPTH_MAX);
	assert_int_equal(path.is_cut, 1);
	stack_table_path(&table, 2, 2, &path);
	assert_int_equal(path.depth, 0);
	assert_int_equal(path.is_cut, 1);
	stack_table_fini(&table);
}

static void circle_of_end_markers_ends(void **state)
{
	(void)state;
	struct stack_table table = {0};
	struct stack_path path;
	node(&table, 1, 2, 0, 2);
	node(&table, 2, 1, 0, 2);
	stack_table_path(&table, 1, 1, &path);
	assert_int_equal(path.depth, 0);
	assert_int_equal(path.is_cut, 1);
	stack_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_is_looked_up_in_the_mapping_of_its_time),
		cmocka_unit_test(function_of_a_place_in_a_file_is_that_of_every_process),
		cmocka_unit_test(inlined_functions_come_innermost_first_and_bounded),
		cmocka_unit_test(stack_is_its_node_and_all_parents),
		cmocka_unit_test(stack_with_end_marker_missing_parent_or_circle_is_cut),
		cmocka_unit_test(circle_of_end_markers_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
