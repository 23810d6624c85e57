/* SPDX-License-Identifier: Apache-2.0 */
/* Appends to a file what a process is: arguments, environment, descriptors, signals, rights, limits; one line each, the
 * process's pid in front.
 *
 *	look FILE PID...                  those processes
 *	look FILE                         itself and its parent, for programs that are told to start a command
 *	look FILE -- COMMAND [ARGUMENT]   the same, and becomes the command
 *
 * A process is looked at once its main thread waits for something, so that what it is about to do does not count. */
#include "must.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, PATIENCE_MS = 5000, LOOK_EVERY_MS = 5 };

static FILE *output;
static char text[TEXT_MAX];

/* The whole content of a file of the process, ended by zero; its size, -1 when it has none (any more). */
static ssize_t read_whole(int pid, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t size = 0, part;
	while ((part = read(fd, text + size, sizeof text - 1 - (size_t)size)) > 0)
		size += part;
	close(fd);
	text[size] = 0;
	return part < 0 ? -1 : size;
}

/* What the kernel says of the process's main thread behind its name: state, and so on. */
static const char *state_of(int pid)
{
	return read_whole(pid, "stat") > 0 ? strrchr(text, ')') + 2 : "";
}

/* Until its main thread sleeps, and has not run between two looks. */
static void await_rest(int pid)
{
	char before[128] = "";
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += LOOK_EVERY_MS) {
		if (*state_of(pid) == 'S' && read_whole(pid, "schedstat") > 0 && strcmp(text, before) == 0)
			return;
		snprintf(before, sizeof before, "%.127s", read_whole(pid, "schedstat") > 0 ? text : "");
		nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
	}
}

/* Bytes that could be taken for the end of a line are written in octal. */
static void print_line(int pid, const char *what, const char *bytes, size_t size)
{
	fprintf(output, "%d %s ", pid, what);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)bytes[i] < ' ' || bytes[i] == '\\')
			fprintf(output, "\\%03o", (unsigned char)bytes[i]);
		else
			fputc(bytes[i], output);
	fputc('\n', output);
}

/* Words that each end with a zero. */
static void print_words(int pid, const char *what, const char *name)
{
	ssize_t size = read_whole(pid, name);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(text + at) + 1)
		print_line(pid, what, text + at, strlen(text + at));
}

/* The lines of a text that begin with one of these words; all without them. */
static void print_lines(int pid, const char *what, const char *const *beginnings)
{
	for (char *line = text, *end; *line; line = end + (*end != 0)) {
		end = line + strcspn(line, "\n");
		int is_wanted = !beginnings;
		for (const char *const *word = beginnings; word && *word; word++)
			is_wanted |= strncmp(line, *word, strlen(*word)) == 0;
		if (is_wanted)
			print_line(pid, what, line, (size_t)(end - line));
	}
}

static void print_link(int pid, const char *what, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	ssize_t size = readlink(path, target, sizeof target);
	if (size >= 0)
		print_line(pid, what, target, (size_t)size);
}

static void print_descriptor(int pid, const char *number)
{
	char path[64], target[PATH_MAX], line[PATH_MAX + 64];
	snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, number);
	ssize_t size = readlink(path, target, sizeof target - 1);
	if (size < 0)
		return;
	target[size] = 0;
	snprintf(path, sizeof path, "fdinfo/%s", number);
	const char *flags = read_whole(pid, path) > 0 ? strstr(text, "flags:") : NULL;
	int count = snprintf(line, sizeof line, "%s %.*s %s", number,
			     flags ? (int)strcspn(flags + 6, "\n") - 1 : 0, flags ? flags + 7 : "", target);
	print_line(pid, "descriptor", line, (size_t)count);
}

/* All but the one that the list itself needs. */
static void print_descriptors(int pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));)
		if (entry->d_name[0] != '.' && !(pid == getpid() && atoi(entry->d_name) == dirfd(folder)))
			print_descriptor(pid, entry->d_name);
	closedir(folder);
}

static void print_threads(int pid)
{
	static const char *const of_threads[] = {"Name:", "SigBlk:", NULL};
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		snprintf(path, sizeof path, "task/%.16s/status", entry->d_name);
		if (entry->d_name[0] == '.' || read_whole(pid, path) < 0)
			continue;
		snprintf(path, sizeof path, "thread %.16s", entry->d_name);
		print_lines(pid, path, of_threads);
	}
	closedir(folder);
}

static void print_process(int pid)
{
	static const char *const of_process[] = {
		"Name:",    "Umask:",  "Uid:",    "Gid:",    "Groups:", "Cap", "NoNewPrivs:",
		"Seccomp:", "SigIgn:", "SigCgt:", "ShdPnd:", "SigPnd:", NULL};
	print_words(pid, "argument", "cmdline");
	print_words(pid, "environment", "environ");
	print_link(pid, "directory", "cwd");
	print_link(pid, "root", "root");
	print_descriptors(pid);
	print_threads(pid);
	if (read_whole(pid, "status") >= 0)
		print_lines(pid, "status", of_process);
	if (read_whole(pid, "limits") >= 0)
		print_lines(pid, "limit", NULL);
	if (read_whole(pid, "oom_score_adj") >= 0)
		print_lines(pid, "oom_score_adj", NULL);
	if (read_whole(pid, "timerslack_ns") >= 0)
		print_lines(pid, "timerslack", NULL);
	struct sched_param parameter;
	char scheduling[64];
	sched_getparam(pid, &parameter);
	int size = snprintf(scheduling, sizeof scheduling, "policy %d, priority %d", sched_getscheduler(pid),
			    parameter.sched_priority);
	print_line(pid, "scheduling", scheduling, (size_t)size);
}

int main(int argument_count, char **arguments)
{
	if (argument_count < 2) {
		fprintf(stderr, "usage: look FILE [PID... | -- COMMAND [ARGUMENT...]]\n");
		return 2;
	}
	char *written;
	size_t size;
	char **command = argument_count > 3 && strcmp(arguments[2], "--") == 0 ? arguments + 3 : NULL;
	int first = command ? argument_count : 2;
	output = open_memstream(&written, &size);
	if (first == argument_count) {
		print_process(getpid());
		await_rest(getppid());
		print_process(getppid());
	}
	for (int i = first; i < argument_count; i++) {
		await_rest(atoi(arguments[i]));
		print_process(atoi(arguments[i]));
	}
	fclose(output);
	/* At once: several may look at the same time. */
	int fd = MUST(open(arguments[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
	MUST(write(fd, written, size));
	close(fd);
	if (!command)
		return 0;
	execvp(command[0], command);
	fprintf(stderr, "look: %s: %s\n", command[0], strerror(errno));
	return 127;
}
