/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/thread_start.h"
#include <errno.h>
#include "runtime/core/record.h"
#include "runtime/core/thread_life.h"
#include "runtime/unwind/stack_capture.h"

struct room *thread_start_prepare(struct thread *creator, const pthread_attr_t *attributes,
				  void *(*start)(void *), void *argument, const void *frame)
{
	int host_errno = errno;
	struct room *room = thread_place_take();
	if (!room) {
		record_lost(LOSS_NO_THREAD_SLOT);
		errno = host_errno;
		return NULL;
	}
	room->start = start;
	room->argument = argument;
	room->creator_tid = creator->tid;
	room->stack_size = thread_default_stack_size;
	if (attributes)
		pthread_attr_getstacksize(attributes, &room->stack_size);
	room->creation_stack = 0;
	if (record_begin(creator, 0,
			 creator->clock)) { /* no event of its own: the stack goes into thread_start */
		room->creation_stack = stack_capture(creator, frame);
		record_end(creator);
	}
	errno = host_errno;
	return room;
}

void thread_start_undo(struct room *room)
{
	thread_place_give_back(room);
}

void *thread_start_run(void *argument)
{
	struct room *room = argument;
	void *(*start)(void *) = room->start;
	void *start_argument = room->argument;
	thread_begin(room, __builtin_frame_address(0));
	return start(start_argument);
}
