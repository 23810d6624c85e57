/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/symbol_table.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "symbol/fixture.h"

#define FULL FIXTURES "/full/order.so"

/* What stands at a mark of the file, or before it: "function file:line" for each frame, innermost first. */
static const char *frames_at(struct symbol_table *table, const char *path, const char *build_id,
			     uint64_t offset, bool is_return_address)
{
	static char text[4096];
	struct symbol_frame frames[SYMBOL_FRAMES_MAX];
	size_t count =
		symbol_find(table, path, build_id, offset, is_return_address, frames, SYMBOL_FRAMES_MAX);
	size_t size = 0;
	text[0] = 0;
	for (size_t i = 0; i < count; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "%s%s %s:%u", i ? " < " : "",
					 frames[i].function, frames[i].file, frames[i].line);
	return text;
}

/* The same with a table of its own and the build id that the file has. `whole` is where the marks are known. */
static const char *frames_in(const char *path, const char *whole, const char *mark)
{
	char build_id[BUILD_ID_TEXT_SIZE];
	symbol_build_id(path, build_id, sizeof build_id);
	struct symbol_table *table = symbol_table_create();
	const char *frames = frames_at(table, path, build_id, fixture_mark(whole, mark), false);
	symbol_table_destroy(table);
	return frames;
}

static void a_function_is_told_with_file_and_line(void **state)
{
	(void)state;
	assert_string_equal(frames_in(FULL, FULL, "mark_order_place"), "order_place /shop/order.c:309");
	assert_string_equal(frames_in(FULL, FULL, "mark_check_stock"), "check_stock /shop/order.c:302");
}

static void inlined_functions_are_told_innermost_first(void **state)
{
	(void)state;
	assert_string_equal(frames_in(FULL, FULL, "mark_total_of"),
			    "total_of /shop/total.c:202 < order_place /shop/order.c:310");
	assert_string_equal(
		frames_in(FULL, FULL, "mark_price_of"),
		"price_of /shop/price.c:102 < total_of /shop/total.c:203 < order_place /shop/order.c:310");
}

static void a_return_address_tells_of_its_call(void **state)
{
	(void)state;
	char build_id[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(FULL, build_id, sizeof build_id), 0);
	struct symbol_table *table = symbol_table_create();
	uint64_t behind = fixture_mark(FULL, "mark_checked_stock");
	assert_string_equal(frames_at(table, FULL, build_id, behind, false), "check_stock /shop/order.c:303");
	assert_string_equal(frames_at(table, FULL, build_id, behind, true), "check_stock /shop/order.c:302");
	symbol_table_destroy(table);
}

static void names_are_those_that_people_use(void **state)
{
	(void)state;
	assert_string_equal(frames_in(FULL, FULL, "mark_reserve"), "store::reserve(int) /shop/names.c:402");
	assert_string_equal(frames_in(FULL, FULL, "mark_ship"), "shop::order::ship /shop/names.c:412");
	assert_string_equal(frames_in(FULL, FULL, "mark_bill"), "shop::order::bill /shop/names.c:422");
	assert_string_equal(frames_in(FULL, FULL, "mark_cancel"), "order_cancel /shop/names.c:432");
}

static void other_forms_of_debug_information_tell_the_same(void **state)
{
	(void)state;
	static const char *const files[] = {FIXTURES "/dwarf4/order.so", FIXTURES "/split/order.so"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		print_message("%s\n", files[i]);
		assert_string_equal(frames_in(files[i], files[i], "mark_price_of"),
				    "price_of /shop/price.c:102 < total_of /shop/total.c:203 < "
				    "order_place /shop/order.c:310");
		assert_string_equal(frames_in(files[i], files[i], "mark_check_stock"),
				    "check_stock /shop/order.c:302");
	}
}

static void a_symbol_table_knows_neither_file_nor_line(void **state)
{
	(void)state;
	const char *symbols = FIXTURES "/symbols/order.so", *stripped = FIXTURES "/stripped/order.so";
	assert_string_equal(frames_in(symbols, FULL, "mark_price_of"), "order_place :0");
	assert_string_equal(frames_in(symbols, FULL, "mark_check_stock"), "check_stock :0");
	assert_string_equal(frames_in(symbols, FULL, "mark_reserve"), "store::reserve(int) :0");
	assert_string_equal(frames_in(stripped, FULL, "mark_price_of"), "order_place :0");
	assert_string_equal(frames_in(stripped, FULL, "mark_cancel"), "order_cancel :0");
	/* A static function is not exported: nobody knows it any more. */
	assert_string_equal(frames_in(stripped, FULL, "mark_check_stock"), "");
}

static void debug_information_is_found_by_its_link(void **state)
{
	(void)state;
	const char *numbered = FIXTURES "/linked/order.so", *unnumbered = FIXTURES "/unnumbered/order.so";
	assert_string_equal(frames_in(numbered, FULL, "mark_total_of"),
			    "total_of /shop/total.c:202 < order_place /shop/order.c:310");
	assert_string_equal(frames_in(unnumbered, FIXTURES "/unnumbered/whole.so", "mark_total_of"),
			    "total_of /shop/total.c:202 < order_place /shop/order.c:310");
}

static void debug_information_of_another_build_is_left_alone(void **state)
{
	(void)state;
	const char *foreign = FIXTURES "/foreign/order.so", *stale = FIXTURES "/stale/order.so";
	assert_string_equal(frames_in(foreign, FULL, "mark_total_of"), "order_place :0");
	assert_string_equal(frames_in(stale, FIXTURES "/unnumbered/whole.so", "mark_total_of"),
			    "order_place :0");
}

static void libc_is_named_by_its_public_names(void **state)
{
	(void)state;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096], path[4096], build_id[BUILD_ID_TEXT_SIZE];
	unsigned long long start, end, offset, found = 0;
	uintptr_t address = (uintptr_t)pthread_mutex_lock;
	while (fgets(line, sizeof line, maps))
		if (sscanf(line, "%llx-%llx r-xp %llx %*s %*s %4095s", &start, &end, &offset, path) == 4 &&
		    address >= start && address < end) {
			found = address - start + offset;
			break;
		}
	fclose(maps);
	assert_int_not_equal(found, 0);
	assert_int_equal(symbol_build_id(path, build_id, sizeof build_id), 0);
	struct symbol_table *table = symbol_table_create();
	struct symbol_frame frame;
	assert_int_equal(symbol_find(table, path, build_id, found, false, &frame, 1), 1);
	assert_string_equal(frame.function, "pthread_mutex_lock");
	symbol_table_destroy(table);
}

static void a_file_that_was_replaced_gives_no_answer(void **state)
{
	(void)state;
	uint64_t offset = fixture_mark(FULL, "mark_order_place");
	struct symbol_table *table = symbol_table_create();
	assert_string_equal(frames_at(table, FULL, "0123456789abcdef0123456789abcdef01234567", offset, false),
			    "");
	assert_string_equal(frames_at(table, FULL, "", offset, false), "");
	assert_string_equal(
		frames_at(table, FIXTURES "/unnumbered/whole.so", "0123456789abcdef", offset, false), "");
	symbol_table_destroy(table);
}

static void what_is_no_file_with_code_gives_no_answer(void **state)
{
	(void)state;
	static const char *const paths[] = {
		FIXTURES "/gone",
		"[vdso]",
		"",
		"/",
		"/dev/zero",
		FIXTURES "/made",
		FIXTURES "/../CMakeLists.txt",
		"/dev/tty",
	};
	struct symbol_table *table = symbol_table_create();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_string_equal(frames_at(table, paths[i], "", 0x1000, false), "");
	symbol_table_destroy(table);
}

static void places_without_code_give_no_answer(void **state)
{
	(void)state;
	static const uint64_t offsets[] = {0, 64, 0x7fffffff, INT64_MAX, UINT64_MAX};
	char build_id[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(FULL, build_id, sizeof build_id), 0);
	struct symbol_table *table = symbol_table_create();
	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		assert_string_equal(frames_at(table, FULL, build_id, offsets[i], false), "");
		assert_string_equal(frames_at(table, FULL, build_id, offsets[i], true), "");
	}
	symbol_table_destroy(table);
}

static void no_more_frames_are_told_than_asked_for(void **state)
{
	(void)state;
	char build_id[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(FULL, build_id, sizeof build_id), 0);
	uint64_t offset = fixture_mark(FULL, "mark_price_of");
	struct symbol_table *table = symbol_table_create();
	struct symbol_frame frames[2] = {{.function = "untouched"}, {.function = "untouched"}};
	assert_int_equal(symbol_find(table, FULL, build_id, offset, false, frames, 0), 0);
	assert_string_equal(frames[0].function, "untouched");
	assert_int_equal(symbol_find(table, FULL, build_id, offset, false, frames, 1), 1);
	assert_string_equal(frames[0].function, "price_of");
	assert_string_equal(frames[1].function, "untouched");
	symbol_table_destroy(table);
}

static void more_files_than_stay_open_are_answered(void **state)
{
	(void)state;
	enum { FILES = 150, ROUNDS = 2 };
	char path[256], build_id[BUILD_ID_TEXT_SIZE];
	uint64_t offset = fixture_mark(FULL, "mark_order_place");
	assert_int_equal(symbol_build_id(FULL, build_id, sizeof build_id), 0);
	struct symbol_table *table = symbol_table_create();
	for (int i = 0; i < FILES * ROUNDS; i++) {
		snprintf(path, sizeof path, FIXTURES "/copy-%d.so", i % FILES);
		unlink(path);
		assert_int_equal(link(FULL, path), 0);
		assert_string_equal(frames_at(table, path, build_id, offset, false),
				    "order_place /shop/order.c:309");
		unlink(path);
	}
	symbol_table_destroy(table);
}

/* The mapping loses its pages: whoever reads them dies of SIGBUS. */
static void a_file_cut_short_while_it_is_open_costs_its_own_answers_alone(void **state)
{
	(void)state;
	const char *cut = FIXTURES "/cut.so";
	struct fixture_bytes whole = fixture_read(FULL);
	fixture_write(cut, whole.bytes, whole.size);
	free(whole.bytes);
	char build_id[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(cut, build_id, sizeof build_id), 0);
	uint64_t first = fixture_mark(FULL, "mark_check_stock"), second = fixture_mark(FULL, "mark_price_of");
	struct symbol_table *table = symbol_table_create();
	assert_string_equal(frames_at(table, cut, build_id, first, false), "check_stock /shop/order.c:302");
	assert_int_equal(truncate(cut, 0), 0);
	assert_string_equal(frames_at(table, cut, build_id, second, false), "");
	assert_string_equal(frames_at(table, cut, build_id, second, false), "");
	assert_string_equal(frames_at(table, FULL, build_id, first, false), "check_stock /shop/order.c:302");
	symbol_table_destroy(table);
	unlink(cut);
}

static void damaged_files_harm_nobody(void **state)
{
	(void)state;
	enum { FILES = 300, FLIPS_MAX = 64 };
	const char *damaged = FIXTURES "/damaged.so";
	struct fixture_bytes whole = fixture_read(FULL);
	unsigned seed = (unsigned)getpid();
	print_message("seed %u\n", seed);
	uint64_t offset = fixture_mark(FULL, "mark_price_of");
	unsigned char *bytes = memory_allocate(whole.size);
	for (int i = 0; i < FILES; i++) {
		memcpy(bytes, whole.bytes, whole.size);
		int flips = 1 + rand_r(&seed) % FLIPS_MAX;
		for (int flip = 0; flip < flips; flip++)
			bytes[(size_t)rand_r(&seed) % whole.size] ^= (unsigned char)(1 << rand_r(&seed) % 8);
		size_t size = i % 3 ? whole.size : (size_t)rand_r(&seed) % whole.size;
		unlink(damaged);
		fixture_write(damaged, bytes, size);
		char build_id[BUILD_ID_TEXT_SIZE];
		symbol_build_id(damaged, build_id, sizeof build_id);
		struct symbol_table *table = symbol_table_create();
		struct symbol_frame frames[SYMBOL_FRAMES_MAX];
		assert_true(symbol_find(table, damaged, build_id, offset, false, frames, SYMBOL_FRAMES_MAX) <=
			    SYMBOL_FRAMES_MAX);
		symbol_table_destroy(table);
	}
	free(bytes);
	free(whole.bytes);
	unlink(damaged);
}

static void nothing_is_left_of_a_table(void **state)
{
	(void)state;
	symbol_table_destroy(NULL);
	symbol_table_destroy(symbol_table_create());
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, dead or alive */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_is_told_with_file_and_line),
		cmocka_unit_test(inlined_functions_are_told_innermost_first),
		cmocka_unit_test(a_return_address_tells_of_its_call),
		cmocka_unit_test(names_are_those_that_people_use),
		cmocka_unit_test(other_forms_of_debug_information_tell_the_same),
		cmocka_unit_test(a_symbol_table_knows_neither_file_nor_line),
		cmocka_unit_test(debug_information_is_found_by_its_link),
		cmocka_unit_test(debug_information_of_another_build_is_left_alone),
		cmocka_unit_test(libc_is_named_by_its_public_names),
		cmocka_unit_test(a_file_that_was_replaced_gives_no_answer),
		cmocka_unit_test(what_is_no_file_with_code_gives_no_answer),
		cmocka_unit_test(places_without_code_give_no_answer),
		cmocka_unit_test(no_more_frames_are_told_than_asked_for),
		cmocka_unit_test(more_files_than_stay_open_are_answered),
		cmocka_unit_test(a_file_cut_short_while_it_is_open_costs_its_own_answers_alone),
		cmocka_unit_test(damaged_files_harm_nobody),
		cmocka_unit_test(nothing_is_left_of_a_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
