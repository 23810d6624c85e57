/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/code_module.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "symbol/fixture.h"

#define FULL FIXTURES "/full/order.so"

static struct code_module *open_as_it_is(const char *path)
{
	char build_id[BUILD_ID_TEXT_SIZE];
	symbol_build_id(path, build_id, sizeof build_id);
	return code_module_open(path, build_id);
}

static void the_version_of_a_symbol_is_no_part_of_its_name(void **state)
{
	(void)state;
	struct code_module *module = open_as_it_is(FIXTURES "/versioned/order.so");
	struct code_frame frame;
	assert_int_equal(code_module_find(module, fixture_mark(FIXTURES "/versioned/order.so", "mark_cancel"),
					  &frame, 1),
			 1);
	assert_int_equal(frame.name_size, strlen("order_cancel"));
	assert_memory_equal(frame.name, "order_cancel", frame.name_size);
	code_module_close(module);
}

/* In this process, where a sanitizer sees what becomes of it. The seeds are always the same: a bug of libdw, which has
 * its process to die in, is not to show here one day in a hundred. */
static void damaged_files_are_read_within_bounds(void **state)
{
	(void)state;
	enum { FILES = 300, FLIPS_MAX = 64 };
	const char *damaged = FIXTURES "/damaged-module.so";
	struct fixture_bytes whole = fixture_read(FULL);
	uint64_t offset = fixture_mark(FULL, "mark_price_of");
	unsigned char *bytes = memory_allocate(whole.size);
	int opened = 0, answered = 0;
	for (unsigned file = 0; file < FILES; file++) {
		unsigned seed = file;
		memcpy(bytes, whole.bytes, whole.size);
		int flips = 1 + rand_r(&seed) % FLIPS_MAX;
		for (int flip = 0; flip < flips; flip++)
			bytes[(size_t)rand_r(&seed) % whole.size] ^= (unsigned char)(1 << rand_r(&seed) % 8);
		unlink(damaged);
		fixture_write(damaged, bytes, file % 3 ? whole.size : (size_t)rand_r(&seed) % whole.size);
		struct code_module *module = open_as_it_is(damaged);
		struct code_frame frames[8];
		opened += module != NULL;
		answered += module && code_module_find(module, offset, frames, 8);
		code_module_close(module);
	}
	free(bytes);
	free(whole.bytes);
	unlink(damaged);
	print_message("of %d damaged files %d could be opened, %d gave an answer\n", FILES, opened, answered);
	assert_true(answered > FILES / 10); /* the damage reached what is read, and not the head alone */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_of_a_symbol_is_no_part_of_its_name),
		cmocka_unit_test(damaged_files_are_read_within_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
