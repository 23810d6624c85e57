/* SPDX-License-Identifier: Apache-2.0 */
/* threads.c — thread creation. The creator takes the new thread's slot, whose room carries what the thread has to
 * know. */
#include "runtime/hooks/hook.h"
#include "runtime/hooks/switches.h"
#include "runtime/wait/thread_start.h"

HOOK int pthread_create(pthread_t *out_thread, const pthread_attr_t *attributes, void *(*start)(void *),
			void *argument)
{
	struct thread *thread = hook_thread(HOOK_pthread_create);
	if (!thread)
		return real_pthread_create(out_thread, attributes, start, argument);
	const void *frame = __builtin_frame_address(0);
	wait_check_gap(thread, frame);
	struct room *room = thread_start_prepare(thread, attributes, start, argument, frame);
	if (!room)
		return real_pthread_create(out_thread, attributes, start, argument);
	int error = real_pthread_create(out_thread, attributes, thread_start_run, room);
	if (error)
		thread_start_undo(room);
	return error;
}
