/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program_look.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/test_elf.h"

static long system_call(long number, long a, long b, long c, long d)
{
	long result = syscall(number, a, b, c, d);
	return result < 0 ? -errno : result;
}

static char folder[] = "/tmp/tickbird-test.XXXXXX";

static const char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static const char *write_file(const char *name, const void *bytes, size_t size, mode_t mode)
{
	const char *path = path_of(name);
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0700);
	assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fchmod(fd, mode) == 0);
	close(fd);
	return path;
}

static const char *write_text(const char *name, const char *text)
{
	return write_file(name, text, strlen(text), 0755);
}

static const char *write_elf(const char *name, const struct test_elf_plan *plan, mode_t mode)
{
	uint8_t bytes[TEST_ELF_SIZE];
	test_elf_make(bytes, plan);
	return write_file(name, bytes, sizeof bytes, mode);
}

static unsigned count_descriptors(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The kind, as a word; nothing stays open. */
static const char *kind_at(int directory, const char *path, int flags)
{
	unsigned before = count_descriptors();
	const char *word =
		program_kind_name(program_look(system_call, directory, path, flags, "/proc/self/exe"));
	assert_int_equal(count_descriptors(), before);
	return word;
}

static const char *kind_of(const char *path)
{
	return kind_at(AT_FDCWD, path, 0);
}

static const struct test_elf_plan ordinary = {
	.interpreter = TEST_ELF_LOADER, .needed = {"libc.so.6"}, .is_pie = 1};

static void each_kind_of_program_is_told_apart(void **state)
{
	(void)state;
	static const struct {
		struct test_elf_plan plan;
		const char *kind;
		enum program_preload preload;
	} cases[] = {
		{{.interpreter = TEST_ELF_LOADER}, "fits", PRELOAD_ADD},
		{{.type = ET_EXEC}, "static", PRELOAD_LEAVE},
		{{.is_pie = 1}, "static", PRELOAD_LEAVE},
		{{.is_go = 1, .type = ET_EXEC}, "go", PRELOAD_LEAVE},
		{{.is_go = 1, .interpreter = TEST_ELF_LOADER}, "go", PRELOAD_REMOVE},
		{{.class = ELFCLASS32}, "other_machine", PRELOAD_REMOVE},
		{{.interpreter = "/lib/ld-musl-x86_64.so.1"}, "other_loader", PRELOAD_REMOVE},
		{{.interpreter = ""}, "other_loader", PRELOAD_REMOVE},
		{{.needed = {"libc.so"}}, "other_loader", PRELOAD_REMOVE}, /* a loader itself, and not ours */
		{{.interpreter = TEST_ELF_LOADER, .needed = {"libasan.so.8"}}, "sanitizer", PRELOAD_REMOVE},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *path = write_elf("program", &cases[i].plan, 0755);
		enum program_kind kind = program_look(system_call, AT_FDCWD, path, 0, "/proc/self/exe");
		assert_string_equal(program_kind_name(kind), cases[i].kind);
		assert_int_equal(program_preload(kind), cases[i].preload);
		assert_int_equal(program_is_unseen(kind), kind != PROGRAM_FITS);
	}
}

static void programs_of_this_machine_fit(void **state)
{
	(void)state;
	assert_string_equal(kind_of("/bin/sh"), "fits");
	assert_string_equal(kind_of("/usr/bin/env"), "fits");
	assert_string_equal(kind_of(TEST_ELF_LOADER), "fits");
}

static void a_loader_by_another_name_is_the_same_file(void **state)
{
	(void)state;
	unlink(path_of("ld.so"));
	assert_int_equal(symlink(TEST_ELF_LOADER, path_of("ld.so")), 0);
	struct test_elf_plan plan = {.interpreter = path_of("ld.so")};
	assert_string_equal(kind_of(write_elf("program", &plan, 0755)), "fits");
}

static void a_script_is_its_interpreter(void **state)
{
	(void)state;
	char text[600];
	assert_string_equal(kind_of(write_text("script", "#!/bin/sh\necho\n")), "fits");
	assert_string_equal(kind_of(write_text("script", "#! \t/bin/sh -e")), "fits");
	write_elf("alone", &(struct test_elf_plan){.type = ET_EXEC}, 0755);
	snprintf(text, sizeof text, "#!%s an argument\n", path_of("alone"));
	assert_string_equal(kind_of(write_text("script", text)), "static");
	snprintf(text, sizeof text, "#!%s\n", path_of("script"));
	assert_string_equal(kind_of(write_text("outer", text)), "static");
	assert_string_equal(kind_of(write_text("script", "#!/no/such/interpreter\n")), "unknown");
}

static void a_script_that_the_kernel_refuses_is_unknown(void **state)
{
	(void)state;
	char text[600];
	assert_string_equal(kind_of(write_text("script", "")), "unknown");
	assert_string_equal(kind_of(write_text("script", "echo no first line\n")), "unknown");
	assert_string_equal(kind_of(write_text("script", "#!")), "unknown");
	assert_string_equal(kind_of(write_text("script", "#!  \n/bin/sh\n")), "unknown");
	snprintf(text, sizeof text, "#!%s\n", path_of("script"));
	assert_string_equal(kind_of(write_text("script", text)), "unknown"); /* of itself, for ever */
	snprintf(text, sizeof text, "#!%0*d/bin/sh\n", 300, 0);
	assert_string_equal(kind_of(write_text("script", text)), "unknown");
}

static void only_files_are_opened(void **state)
{
	(void)state;
	unlink(path_of("pipe"));
	assert_int_equal(mkfifo(path_of("pipe"), 0755), 0);
	assert_string_equal(kind_of(path_of("pipe")), "unknown");
	assert_string_equal(kind_of("/dev/null"), "unknown");
	assert_string_equal(kind_of("/"), "unknown");
	assert_string_equal(kind_of(path_of("absent")), "unknown");
	assert_string_equal(kind_of(""), "unknown");
	assert_string_equal(kind_of(NULL), "unknown"); /* as the kernel would: EFAULT */
}

static void folders_and_descriptors_are_followed(void **state)
{
	(void)state;
	write_elf("alone", &(struct test_elf_plan){.type = ET_EXEC}, 0755);
	int directory = open(folder, O_RDONLY | O_DIRECTORY), fd = open(path_of("alone"), O_RDONLY);
	int path_only = open(path_of("alone"), O_PATH);
	assert_string_equal(kind_at(directory, "alone", 0), "static");
	assert_string_equal(kind_at(fd, "", AT_EMPTY_PATH), "static");
	assert_string_equal(kind_at(path_only, "", AT_EMPTY_PATH), "static");
	assert_string_equal(kind_at(fd, "", 0), "unknown");
	assert_string_equal(kind_at(-1, "", AT_EMPTY_PATH), "unknown");
	unlink(path_of("link"));
	assert_int_equal(symlink("alone", path_of("link")), 0);
	assert_string_equal(kind_at(directory, "link", 0), "static");
	assert_string_equal(kind_at(directory, "link", AT_SYMLINK_NOFOLLOW), "unknown");
	close(directory);
	close(fd);
	close(path_only);
}

static void a_library_that_is_not_there_is_noticed(void **state)
{
	(void)state;
	const char *path = write_elf("program", &ordinary, 0755);
	assert_int_equal(program_look(system_call, AT_FDCWD, path, 0, path_of("absent")), PROGRAM_NO_LIBRARY);
	assert_int_equal(program_look(system_call, AT_FDCWD, path, 0, NULL), PROGRAM_FITS);
	path = write_elf("program", &(struct test_elf_plan){.type = ET_EXEC}, 0755);
	assert_int_equal(program_look(system_call, AT_FDCWD, path, 0, path_of("absent")), PROGRAM_STATIC);
}

/* In a child that is another user: what it would find. */
static enum program_kind kind_for_nobody(const char *path)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		enum { NOBODY = 65534 };
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(PROGRAM_KIND_COUNT);
		_exit(program_look(system_call, AT_FDCWD, path, 0, NULL));
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void rights_that_a_program_gains_are_seen(void **state)
{
	(void)state;
	if (geteuid()) {
		print_message("not root: programs of another user cannot be made here\n");
		skip();
	}
	assert_int_equal(chmod(folder, 0755), 0);
	const char *path = write_elf("program", &ordinary, 04755);
	assert_int_equal(program_look(system_call, AT_FDCWD, path, 0, NULL),
			 PROGRAM_FITS); /* root is root already */
	assert_int_equal(kind_for_nobody(path), PROGRAM_PRIVILEGED);
	assert_int_equal(kind_for_nobody(write_elf("program", &ordinary, 02755)), PROGRAM_PRIVILEGED);
	assert_int_equal(kind_for_nobody(write_elf("program", &ordinary, 02745)),
			 PROGRAM_FITS); /* that is locking */
	assert_int_equal(kind_for_nobody(write_elf("program", &ordinary, 0711)), PROGRAM_UNREADABLE);
	path = write_elf("program", &ordinary, 0755);
	assert_int_equal(kind_for_nobody(path), PROGRAM_FITS);
}

static const char *found(const char *name, const char *search)
{
	static char room[PROGRAM_PATH_SIZE];
	const char *path = program_find(system_call, name, search, room);
	return path ? path : "none";
}

static void programs_are_found_as_execvp_finds_them(void **state)
{
	(void)state;
	char search[600];
	write_elf("here", &ordinary, 0755);
	write_elf("data", &ordinary, 0644);
	mkdir(path_of("sh"), 0755);
	snprintf(search, sizeof search, "/nowhere:%s:/bin", folder);
	assert_string_equal(found("here", search), path_of("here"));
	assert_string_equal(found("data", search), "none");
	assert_string_equal(found("sh", search), "/bin/sh"); /* a folder of that name is none */
	assert_string_equal(found("sh", NULL), "/bin/sh");
	assert_string_equal(found("./here", search), "./here");
	assert_string_equal(found("here", ""), "none");
	assert_int_equal(chdir(folder), 0);
	assert_string_equal(found("here", ":/bin"), "here");
	assert_string_equal(found("here", "/bin:"), "here");
	assert_int_equal(chdir("/"), 0);
	char name[PROGRAM_PATH_SIZE + 10];
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = 0;
	assert_string_equal(found(name, search), "none");
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[100];
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_program_is_told_apart),
		cmocka_unit_test(programs_of_this_machine_fit),
		cmocka_unit_test(a_loader_by_another_name_is_the_same_file),
		cmocka_unit_test(a_script_is_its_interpreter),
		cmocka_unit_test(a_script_that_the_kernel_refuses_is_unknown),
		cmocka_unit_test(only_files_are_opened),
		cmocka_unit_test(folders_and_descriptors_are_followed),
		cmocka_unit_test(a_library_that_is_not_there_is_noticed),
		cmocka_unit_test(rights_that_a_program_gains_are_seen),
		cmocka_unit_test(programs_are_found_as_execvp_finds_them),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
