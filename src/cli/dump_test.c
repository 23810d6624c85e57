/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "tickbird trace 1\n"
			   "\n"
			   "block clock=monotonic\n"
			   "slice thread=1\n"
			   "10+5 sleep_wait stack=3\n"
			   "\n"
			   "block clock=monotonic\n"
			   "slice thread=2\n"
			   "20+5 sleep_wait stack=4\n";

/* The tests work in a folder of their own. */
static int enter_folder(void **state)
{
	static char folder[] = "/tmp/tickbird-dump-test-XXXXXX";
	*state = mkdtemp(folder);
	return *state && !chdir(folder) ? 0 : -1;
}

static int leave_folder(void **state)
{
	char command[100];
	snprintf(command, sizeof command, "rm -r %s", (const char *)*state);
	return system(command);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(name, "wb");
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static size_t read_file(const char *name, char *bytes, size_t room)
{
	FILE *file = fopen(name, "rb");
	assert_non_null(file);
	size_t size = fread(bytes, 1, room - 1, file);
	bytes[size] = '\0';
	fclose(file);
	return size;
}

static char complaint[1000];

/* Calls the verb in a process of its own: its exit code; what it said stands in `complaint`, what it printed in "out". */
static int call(struct settings settings, const char *word)
{
	pid_t child = fork();
	if (!child) {
		if (!freopen("out", "w", stdout) || !freopen("complaint", "w", stderr))
			_exit(99);
		char *words[] = {(char *)word, NULL};
		exit(verb_dump(&settings, words));
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	read_file("complaint", complaint, sizeof complaint);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void assert_prints(const char *expected)
{
	char printed[sizeof text + 1000];
	read_file("out", printed, sizeof printed);
	assert_string_equal(printed, expected);
}

static void a_trace_made_from_text_is_printed_as_that_text(void **state)
{
	(void)state;
	write_file("a.txt", text, sizeof text - 1);
	assert_int_equal(call((struct settings){.undump = true, .output = "a.tbt"}, "a.txt"), EXIT_CODE_OK);
	assert_string_equal(complaint, "");
	assert_int_equal(call((struct settings){0}, "a.tbt"), EXIT_CODE_OK);
	assert_string_equal(complaint, "");
	assert_prints(text);

	assert_int_equal(call((struct settings){.output = "b.txt"}, "a.tbt"), EXIT_CODE_OK);
	char written[sizeof text + 1];
	read_file("b.txt", written, sizeof written);
	assert_string_equal(written, text);
}

static void a_file_that_exists_is_overwritten_only_by_force(void **state)
{
	(void)state;
	struct settings settings = {.undump = true, .output = "kept.tbt"};
	write_file("kept.tbt", "precious", 8);
	assert_int_equal(call(settings, "a.txt"), EXIT_CODE_FAILED);
	assert_string_equal(complaint,
			    "tickbird: kept.tbt: the file exists; overwrite it with --force, or name another "
			    "with -o FILE\n");
	char kept[100];
	read_file("kept.tbt", kept, sizeof kept);
	assert_string_equal(kept, "precious");

	settings.force = true;
	assert_int_equal(call(settings, "a.txt"), EXIT_CODE_OK);
	assert_int_equal(call((struct settings){0}, "kept.tbt"), EXIT_CODE_OK);
	assert_prints(text);
}

static void the_input_is_never_the_output(void **state)
{
	(void)state;
	assert_int_equal(call((struct settings){.output = "a.tbt", .force = true}, "a.tbt"),
			 EXIT_CODE_FAILED);
	assert_string_equal(complaint, "tickbird: a.tbt: this is the input: write to another file\n");
	assert_int_equal(call((struct settings){0}, "a.tbt"), EXIT_CODE_OK);
	assert_prints(text);
}

static void an_old_file_survives_an_input_that_is_no_trace(void **state)
{
	(void)state;
	char kept[100];
	write_file("old.txt", "precious", 8);
	assert_int_equal(call((struct settings){.output = "old.txt", .force = true}, "a.txt"),
			 EXIT_CODE_FAILED);
	read_file("old.txt", kept, sizeof kept);
	assert_string_equal(kept, "precious");

	assert_int_equal(call((struct settings){.output = "new.txt"}, "a.txt"), EXIT_CODE_FAILED);
	assert_int_equal(access("new.txt", F_OK), -1);
}

static void wrong_text_names_its_line_and_leaves_no_file(void **state)
{
	(void)state;
	static const char wrong[] = "tickbird trace 1\n5 sleep_weit\n";
	write_file("wrong.txt", wrong, sizeof wrong - 1);
	assert_int_equal(call((struct settings){.undump = true, .output = "wrong.tbt"}, "wrong.txt"),
			 EXIT_CODE_FAILED);
	assert_string_equal(complaint, "tickbird: wrong.txt: line 2: there is no event 'sleep_weit'\n");
	assert_int_equal(access("wrong.tbt", F_OK), -1);
}

static void a_cut_trace_is_printed_up_to_the_cut(void **state)
{
	(void)state;
	char bytes[4000];
	size_t size = read_file("a.tbt", bytes, sizeof bytes);
	write_file("cut.tbt", bytes, size - 200);
	assert_int_equal(call((struct settings){0}, "cut.tbt"), EXIT_CODE_OK);
	assert_non_null(strstr(complaint, "tickbird: cut.tbt: the trace is cut at byte "));
	char expected[sizeof text];
	memcpy(expected, text, sizeof text);
	*strstr(expected, "\nblock clock=monotonic\nslice thread=2") = '\0';
	assert_prints(expected);
}

static void a_damaged_trace_is_printed_but_for_the_damage(void **state)
{
	(void)state;
	char bytes[4000];
	size_t size = read_file("a.tbt", bytes, sizeof bytes);
	bytes[30] ^= 1;
	write_file("damaged.tbt", bytes, size);
	assert_int_equal(call((struct settings){0}, "damaged.tbt"), EXIT_CODE_FAILED);
	assert_string_equal(complaint, "tickbird: damaged.tbt: the trace is damaged at byte 16; places "
				       "damaged: 1, the rest was read\n");
	assert_prints(text);
}

static void what_is_no_trace_is_told_in_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *word, *complaint;
	} cases[] = {
		{"nowhere.tbt", "tickbird: nowhere.tbt: cannot open it: No such file or directory\n"},
		{"/tmp", "tickbird: /tmp: not a regular file, so not a Tickbird trace\n"},
		{"a.txt",
		 "tickbird: a.txt: not a Tickbird trace: record one with tickbird run -o FILE -- COMMAND\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(call((struct settings){0}, cases[i].word), EXIT_CODE_FAILED);
		assert_string_equal(complaint, cases[i].complaint);
		assert_prints("");
	}
}

static void a_full_disk_is_told(void **state)
{
	(void)state;
	struct settings settings = {.output = "/dev/full", .force = true};
	assert_int_equal(call(settings, "a.tbt"), EXIT_CODE_FAILED);
	assert_string_equal(complaint, "tickbird: a.tbt: cannot write the text: No space left on device\n");
	settings.undump = true;
	assert_int_equal(call(settings, "a.txt"), EXIT_CODE_FAILED);
	assert_string_equal(complaint, "tickbird: a.txt: cannot write the trace: No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_made_from_text_is_printed_as_that_text),
		cmocka_unit_test(a_file_that_exists_is_overwritten_only_by_force),
		cmocka_unit_test(the_input_is_never_the_output),
		cmocka_unit_test(an_old_file_survives_an_input_that_is_no_trace),
		cmocka_unit_test(wrong_text_names_its_line_and_leaves_no_file),
		cmocka_unit_test(a_cut_trace_is_printed_up_to_the_cut),
		cmocka_unit_test(a_damaged_trace_is_printed_but_for_the_damage),
		cmocka_unit_test(what_is_no_trace_is_told_in_one_line),
		cmocka_unit_test(a_full_disk_is_told),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
