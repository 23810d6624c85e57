/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/wake_edge.h"
#include "runtime/core/record.h"
#include "runtime/unwind/stack_capture.h"

void wake_edge(struct thread *thread, enum wake_event event, const void *object, const void *frame)
{
	uint64_t now = thread_ticks(thread);
	struct event_cursor *cursor = record_begin(thread, WAKE_EVENT_MAX, thread->clock);
	if (!cursor)
		return;
	uint32_t stack = stack_capture(thread, frame);
	switch (event) {
	case WAKE_EVENT_LOCK_RELEASE:
		event_put_lock_release(cursor, now, (uintptr_t)object, stack);
		break;
	case WAKE_EVENT_CONDITION_SIGNAL:
		event_put_condition_signal(cursor, now, (uintptr_t)object, stack);
		break;
	case WAKE_EVENT_CONDITION_BROADCAST:
		event_put_condition_broadcast(cursor, now, (uintptr_t)object, stack);
		break;
	}
	record_end(thread);
	thread->last_ticks = now;
}
