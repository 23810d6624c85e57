/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/newcomer.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/proc_file.h"
#include "base/memory.h"
#include "base/program_look.h"

struct newcomer *newcomer_create(uint32_t pid, const struct hello *hello, struct error *out_error)
{
	int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (pidfd < 0 && errno != ENOSYS) {
		error_set_errno(out_error, errno, "cannot watch process %u", pid);
		return NULL;
	}
	struct newcomer *newcomer = memory_allocate(sizeof *newcomer);
	newcomer->pid = pid;
	newcomer->pidfd = pidfd;
	newcomer->forked_from = hello->forked_from;
	memcpy(newcomer->name, hello->name, sizeof hello->name - 1);
	thread_counts_read_times(pid, pid, &newcomer->counts);
	newcomer->counts.voluntary = hello->voluntary;
	newcomer->counts.involuntary = hello->involuntary;
	if (!hello->forked_from)
		newcomer_read_program(newcomer);
	return newcomer;
}

/* The path as from the root: the process is where it was when it named it. */
static char *absolute_path(uint32_t pid, const char *path, size_t size)
{
	char *folder = size && *path != '/' ? proc_link("/proc/%u/cwd", pid) : NULL;
	if (!folder)
		return memory_copy_text(path, size);
	if (size > 1 && strncmp(path, "./", 2) == 0) {
		path += 2;
		size -= 2;
	}
	char *absolute = memory_allocate(strlen(folder) + size + 2);
	sprintf(absolute, "%s/%.*s", folder, (int)size, path);
	free(folder);
	return absolute;
}

struct newcomer *newcomer_of_notice(uint32_t pid, const struct unseen_notice *notice)
{
	if (notice->layout_version != ARENA_LAYOUT_VERSION || notice->kind >= PROGRAM_KIND_COUNT)
		return NULL;
	struct newcomer *newcomer = memory_allocate(sizeof *newcomer);
	newcomer->is_notice = true;
	newcomer->pid = pid;
	newcomer->pidfd = -1;
	newcomer->child = notice->pid;
	newcomer->notice_kind = notice->kind;
	thread_counts_read(pid, pid, &newcomer->counts);
	newcomer->executable = absolute_path(pid, notice->path, strnlen(notice->path, sizeof notice->path));
	return newcomer;
}

void newcomer_read_program(struct newcomer *newcomer)
{
	newcomer->mappings = proc_read(NULL, "/proc/%u/maps", newcomer->pid);
	newcomer->executable = proc_link("/proc/%u/exe", newcomer->pid);
	newcomer->command = proc_read(&newcomer->command_size, "/proc/%u/cmdline", newcomer->pid);
}

void newcomer_destroy(struct newcomer *newcomer)
{
	free(newcomer->mappings);
	free(newcomer->executable);
	free(newcomer->command);
	free(newcomer);
}
