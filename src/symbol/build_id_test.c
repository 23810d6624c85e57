/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/build_id.h"
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "symbol/fixture.h"

/* As libelf reads it. */
static void read_with_libelf(const char *path, char *out_text)
{
	elf_version(EV_CURRENT);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	const void *bytes;
	ssize_t size = dwelf_elf_gnu_build_id(elf, &bytes);
	assert_int_equal(size, 20);
	for (ssize_t i = 0; i < size; i++)
		sprintf(out_text + 2 * i, "%02x", ((const unsigned char *)bytes)[i]);
	elf_end(elf);
	close(fd);
}

static void it_is_what_libelf_reads(void **state)
{
	(void)state;
	static const char *const paths[] = {
		FIXTURES "/full/order.so",
		FIXTURES "/stripped/order.so",
		FIXTURES "/linked/order.debug",
		FIXTURES "/dwarf4/order.so",
	};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char expected[BUILD_ID_TEXT_SIZE], found[BUILD_ID_TEXT_SIZE];
		read_with_libelf(paths[i], expected);
		assert_int_equal(symbol_build_id(paths[i], found, sizeof found), 0);
		assert_string_equal(found, expected);
	}
}

static void a_file_without_one_gives_an_empty_text(void **state)
{
	(void)state;
	static const char *const paths[] = {
		FIXTURES "/unnumbered/order.so", FIXTURES "/made", FIXTURES "/gone", "/", "/dev/zero", "",
	};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char found[BUILD_ID_TEXT_SIZE] = "before";
		assert_int_equal(symbol_build_id(paths[i], found, sizeof found), -1);
		assert_string_equal(found, "");
	}
}

static void a_pipe_is_not_waited_for(void **state)
{
	(void)state;
	const char *path = FIXTURES "/pipe";
	char found[BUILD_ID_TEXT_SIZE];
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(symbol_build_id(path, found, sizeof found), -1);
	unlink(path);
}

static void too_little_room_is_refused(void **state)
{
	(void)state;
	char found[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(FIXTURES "/full/order.so", found, sizeof found - 1), -1);
	assert_string_equal(found, "");
	assert_int_equal(symbol_build_id(FIXTURES "/full/order.so", NULL, 0), -1);
}

static void a_cut_file_gives_its_own_or_none(void **state)
{
	(void)state;
	const char *cut = FIXTURES "/build-id-cut.so";
	struct fixture_bytes whole = fixture_read(FIXTURES "/full/order.so");
	char expected[BUILD_ID_TEXT_SIZE], found[BUILD_ID_TEXT_SIZE];
	assert_int_equal(symbol_build_id(FIXTURES "/full/order.so", expected, sizeof expected), 0);
	fixture_write(cut, whole.bytes, whole.size);
	for (off_t size = 4096; size >= 0; size--) {
		assert_int_equal(truncate(cut, size), 0);
		if (symbol_build_id(cut, found, sizeof found) == 0)
			assert_string_equal(found, expected);
		else
			assert_string_equal(found, "");
	}
	free(whole.bytes);
	unlink(cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_libelf_reads),
		cmocka_unit_test(a_file_without_one_gives_an_empty_text),
		cmocka_unit_test(a_pipe_is_not_waited_for),
		cmocka_unit_test(too_little_room_is_refused),
		cmocka_unit_test(a_cut_file_gives_its_own_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
