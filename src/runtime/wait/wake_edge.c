/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/record.h"
#include "runtime/unwind/stack_capture.h"
#include "runtime/wait/mutex.h"

void wake_edge(struct thread *thread, enum event_number event, const void *object, const void *frame)
{
	uint64_t now = thread_ticks(thread);
	struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
	if (!cursor)
		return;
	uint32_t stack = stack_capture(thread, frame);
	switch ((int)event) {
	case EVENT_LOCK_RELEASE:
		event_put_lock_release(cursor, now, (uintptr_t)object, stack);
		break;
	case EVENT_CONDITION_SIGNAL:
		event_put_condition_signal(cursor, now, (uintptr_t)object, stack);
		break;
	case EVENT_CONDITION_BROADCAST:
		event_put_condition_broadcast(cursor, now, (uintptr_t)object, stack);
		break;
	}
	record_end(thread);
	thread->last_ticks = now;
}
