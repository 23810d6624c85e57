/* SPDX-License-Identifier: Apache-2.0 */
#include "base/elf_look.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "base/test_elf.h"

struct bytes {
	const uint8_t *at;
	size_t size;
	unsigned reads;
};

static long read_at(void *file, uint64_t offset, void *out_bytes, size_t size)
{
	struct bytes *bytes = file;
	bytes->reads++;
	if (offset >= bytes->size)
		return 0;
	if (size > bytes->size - offset)
		size = bytes->size - offset;
	memcpy(out_bytes, bytes->at + offset, size);
	return (long)size;
}

static int look_at(const uint8_t *at, size_t size, struct elf_look *out_look)
{
	struct bytes bytes = {.at = at, .size = size};
	return elf_look((struct elf_source){read_at, &bytes}, out_look);
}

/* What is found, as a line. */
static const char *seen(const struct test_elf_plan *plan)
{
	static char line[400];
	uint8_t bytes[TEST_ELF_SIZE];
	struct elf_look look;
	test_elf_make(bytes, plan);
	if (look_at(bytes, sizeof bytes, &look))
		return "nothing";
	snprintf(line, sizeof line, "%s%s%s%s%s%s", look.is_foreign ? "foreign " : "",
		 look.is_position_bound ? "bound " : "", look.is_pie_marked ? "pie " : "",
		 look.is_go ? "go " : "", look.is_sanitized ? "sanitized " : "",
		 look.has_interpreter ? look.interpreter : "");
	return line;
}

#define SEEN(...) seen(&(struct test_elf_plan){__VA_ARGS__})

static void interpreter_and_type_are_told(void **state)
{
	(void)state;
	assert_string_equal(SEEN(.interpreter = TEST_ELF_LOADER, .is_pie = 1), "pie " TEST_ELF_LOADER);
	assert_string_equal(SEEN(.interpreter = TEST_ELF_LOADER, .type = ET_EXEC), "bound " TEST_ELF_LOADER);
	assert_string_equal(SEEN(.type = ET_EXEC), "bound ");
	assert_string_equal(SEEN(.is_pie = 1), "pie ");
	assert_string_equal(SEEN(.exports = "_dl_main"), "");
}

static void other_machines_are_foreign(void **state)
{
	(void)state;
	assert_string_equal(SEEN(.class = ELFCLASS32, .machine = EM_386), "foreign ");
	assert_string_equal(SEEN(.class = ELFCLASS32), "foreign ");
	assert_string_equal(SEEN(.machine = EM_AARCH64, .interpreter = "/lib/ld-linux-aarch64.so.1"),
			    "foreign ");
}

static void go_is_known_by_its_note(void **state)
{
	(void)state;
	assert_string_equal(SEEN(.is_go = 1, .type = ET_EXEC), "bound go ");
	assert_string_equal(SEEN(.is_go = 1, .interpreter = TEST_ELF_LOADER), "go " TEST_ELF_LOADER);
}

static void sanitizers_are_known_by_library_or_function(void **state)
{
	(void)state;
	const char *loader = TEST_ELF_LOADER;
	assert_string_equal(SEEN(.interpreter = loader, .needed = {"libm.so.6", "libasan.so.8", "libc.so.6"}),
			    "sanitized " TEST_ELF_LOADER);
	assert_string_equal(SEEN(.interpreter = loader, .needed = {"libtsan.so.2"}),
			    "sanitized " TEST_ELF_LOADER);
	assert_string_equal(SEEN(.interpreter = loader, .needed = {"libubsan.so.1", "libc.so.6"}),
			    TEST_ELF_LOADER);
	assert_string_equal(SEEN(.interpreter = loader, .needed = {"libc.so.6"}, .exports = "__msan_init"),
			    "sanitized " TEST_ELF_LOADER);
	assert_string_equal(SEEN(.interpreter = loader, .needed = {"libc.so.6"}, .exports = "__asan_unit"),
			    TEST_ELF_LOADER);
}

static void a_path_too_long_is_no_path(void **state)
{
	(void)state;
	char path[ELF_INTERPRETER_MAX + 1];
	memset(path, 'a', sizeof path);
	path[sizeof path - 1] = 0;
	assert_string_equal(SEEN(.interpreter = path), "");
	path[sizeof path - 2] = 0;
	assert_string_equal(SEEN(.interpreter = path), path);
}

static void what_is_no_elf_file_is_refused(void **state)
{
	(void)state;
	struct elf_look look;
	assert_int_equal(look_at((const uint8_t *)"", 0, &look), -1);
	assert_int_equal(look_at((const uint8_t *)"#!/bin/sh\n", 10, &look), -1);
	assert_int_equal(look_at((const uint8_t *)ELFMAG "\2\1\1\0\0\0\0\0\0\0\0\0", 16, &look), -1);
}

static void a_file_that_ends_in_its_program_headers_is_refused(void **state)
{
	(void)state;
	uint8_t bytes[TEST_ELF_SIZE];
	struct elf_look look;
	test_elf_make(bytes, &(struct test_elf_plan){.interpreter = TEST_ELF_LOADER});
	size_t end = 64 + 4 * sizeof(Elf64_Phdr);
	assert_int_equal(look_at(bytes, end - 1, &look), -1);
	assert_int_equal(look_at(bytes, end, &look), 0);
}

/* Numbers that a hostile file may have everywhere: the look ends soon. */
static void lies_cost_little(void **state)
{
	(void)state;
	static uint8_t bytes[1 << 17];
	for (int lie = 0; lie < 256; lie += 51) {
		for (size_t at = 0; at < TEST_ELF_SIZE; at++) {
			struct test_elf_plan plan = {.interpreter = TEST_ELF_LOADER,
						     .needed = {"libm.so.6", "libc.so.6"},
						     .exports = "__asan_init",
						     .is_go = 1};
			if (at >= 64 + 5 * sizeof(Elf64_Phdr) && at < 0x200)
				continue;
			test_elf_make(bytes, &plan);
			bytes[at] = (uint8_t)lie;
			struct bytes file = {.at = bytes, .size = sizeof bytes};
			struct elf_look look;
			elf_look((struct elf_source){read_at, &file}, &look);
			assert_in_range(file.reads, 1, 5000);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interpreter_and_type_are_told),
		cmocka_unit_test(other_machines_are_foreign),
		cmocka_unit_test(go_is_known_by_its_note),
		cmocka_unit_test(sanitizers_are_known_by_library_or_function),
		cmocka_unit_test(a_path_too_long_is_no_path),
		cmocka_unit_test(what_is_no_elf_file_is_refused),
		cmocka_unit_test(a_file_that_ends_in_its_program_headers_is_refused),
		cmocka_unit_test(lies_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
