/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/descriptor.h"
#include "runtime/core/syscall.h"

uint8_t descriptor_hints[HINTED_DESCRIPTORS];

static bool is_hinted(int fd)
{
	return (unsigned)fd < HINTED_DESCRIPTORS;
}

void descriptor_did_not_block(const struct thread *thread, int fd)
{
	if (!is_hinted(fd) || thread->is_blind) /* a blind thread would not see that the hint is wrong */
		return;
	uint8_t hint = (uint8_t)(descriptor_hints[fd] + 1);
	if (hint == HINT_QUICK) {
		struct stat stat;
		bool is_stream =
			syscall_fstat(fd, &stat) == 0 && (S_ISSOCK(stat.st_mode) || S_ISFIFO(stat.st_mode));
		hint = is_stream ? HINT_QUICK : HINT_FILE;
	}
	descriptor_hints[fd] = hint;
}

void descriptor_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			 const void *frame)
{
	struct wait_object object = {.event = event, .object = (uint64_t)(int64_t)fd, .is_descriptor = true};
	bool was_blocked = start ? wait_end_or_preempted(thread, start, object, frame)
				 : wait_end_untimed(thread, object, frame);
	if (was_blocked && is_hinted(fd))
		descriptor_hints[fd] = 0;
}
