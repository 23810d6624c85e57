/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/unseen.h"
#include <stdlib.h>
#include <string.h>
#include "agent/proc_file.h"
#include "base/memory.h"

void unseen_fini(struct unseen *unseen)
{
	for (size_t i = 0; i < unseen->pending_count; i++)
		free(unseen->pending[i].path);
	for (size_t i = 0; i < unseen->program_count; i++)
		free(unseen->programs[i].path);
	free(unseen->pending);
	free(unseen->programs);
	*unseen = (struct unseen){0};
}

void unseen_add(struct unseen *unseen, struct unseen_notice_taken notice)
{
	MEMORY_GROW(unseen->pending, unseen->pending_count, unseen->pending_room);
	unseen->pending[unseen->pending_count++] = notice;
}

static void remove_pending(struct unseen *unseen, size_t index)
{
	memmove(&unseen->pending[index], &unseen->pending[index + 1],
		(unseen->pending_count - index - 1) * sizeof *unseen->pending);
	unseen->pending_count--;
}

const struct unseen_notice_taken *unseen_find(const struct unseen *unseen, uint32_t pid)
{
	for (size_t i = unseen->pending_count; i-- > 0;)
		if (unseen->pending[i].pid == pid)
			return &unseen->pending[i];
	return NULL;
}

void unseen_take_back(struct unseen *unseen, uint32_t pid)
{
	const struct unseen_notice_taken *notice = unseen_find(unseen, pid);
	if (!notice)
		return;
	free(notice->path);
	remove_pending(unseen, (size_t)(notice - unseen->pending));
}

const struct unseen_notice_taken *unseen_due(const struct unseen *unseen, uint64_t now_ns, uint64_t age_ns)
{
	bool is_due = unseen->pending_count && (unseen->pending_count > UNSEEN_PENDING_MAX ||
						now_ns - unseen->pending[0].taken_ns >= age_ns);
	return is_due ? &unseen->pending[0] : NULL;
}

static void count(struct unseen *unseen, const struct unseen_notice_taken *notice)
{
	for (size_t i = 0; i < unseen->program_count; i++) {
		struct unseen_program *program = &unseen->programs[i];
		if (program->kind == notice->kind && strcmp(program->path, notice->path) == 0) {
			program->processes++;
			return;
		}
	}
	if (unseen->program_count == UNSEEN_PROGRAMS_MAX) {
		unseen->others++;
		return;
	}
	MEMORY_GROW(unseen->programs, unseen->program_count, unseen->program_room);
	unseen->programs[unseen->program_count++] = (struct unseen_program){
		memory_copy_text(notice->path, strlen(notice->path)), notice->kind, 1};
}

void unseen_settle(struct unseen *unseen, struct journal *journal, const struct unseen_notice_taken *pending)
{
	struct unseen_notice_taken notice = *pending;
	remove_pending(unseen, (size_t)(pending - unseen->pending));
	/* It was run by a descriptor: the kernel knows its path while it runs. */
	char *executable = notice.path[0] ? NULL : proc_link("/proc/%u/exe", notice.pid);
	if (executable) {
		free(notice.path);
		notice.path = executable;
	}
	count(unseen, &notice);
	const char *reason = program_kind_name(notice.kind);
	size_t most = EVENT_PROCESS_UNSEEN_MAX + strlen(reason) + strlen(notice.path);
	event_put_process_unseen(trace_writer_fact(journal->writer, notice.moment.clock, most),
				 notice.moment.ticks, notice.pid, notice.parent_pid, reason, strlen(reason),
				 notice.path, strlen(notice.path));
	free(notice.path);
}
