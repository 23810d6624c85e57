/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/descriptor.h"
#include "runtime/core/syscall.h"

static bool is_hinted(int fd)
{
	return (unsigned)fd < HINTED_DESCRIPTORS;
}

/* What a descriptor that gave its evidence is hinted as; 0 when it is to give it again. */
static uint8_t hint_of(const struct thread *thread, int fd)
{
	struct stat stat;
	if (syscall_fstat(fd, &stat))
		return 0;
	if (S_ISSOCK(stat.st_mode) || S_ISFIFO(stat.st_mode))
		return HINT_STREAM;
	bool is_on_disk = S_ISREG(stat.st_mode) || S_ISDIR(stat.st_mode) || S_ISBLK(stat.st_mode);
	return is_on_disk && thread->clock == TRACE_CLOCK_TSC ? HINT_FILE : 0;
}

void descriptor_did_not_block(const struct thread *thread, int fd)
{
	if (!is_hinted(fd) || thread->is_blind) /* a blind thread would not see that the hint is wrong */
		return;
	uint8_t calls = (uint8_t)(quick_words.hints[fd] + 1);
	quick_words.hints[fd] = calls < HINT_EVIDENCE ? calls : hint_of(thread, fd);
}

void descriptor_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			 const void *frame)
{
	struct wait_object object = {.event = event, .object = (uint64_t)(int64_t)fd, .is_descriptor = true};
	bool was_blocked = start ? wait_end_or_preempted(thread, start, object, frame)
				 : wait_end_untimed(thread, object, frame);
	if (was_blocked && is_hinted(fd))
		quick_words.hints[fd] = 0;
}

void descriptor_file_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			      const void *frame)
{
	if (thread->clock != TRACE_CLOCK_TSC)
		start = 0;
	else if (thread->last_ticks < start)
		thread->last_ticks = start;
	descriptor_left_cpu(thread, fd, start, event, frame);
}
