/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/wait.h"
#include <errno.h>
#include "runtime/core/process.h"
#include "runtime/core/record.h"
#include "runtime/unwind/stack_capture.h"
#include "runtime/wait/descriptor_identity.h"
#include "runtime/wait/off_cpu.h"

static uint64_t threshold_of(const struct thread *thread)
{
	return guest_process.arena.header->threshold_ticks[thread->clock];
}

static void look_again(struct thread *thread)
{
	if (!thread->is_blind)
		left_cpu_arm();
}

static void count_short(struct thread *thread, uint64_t duration)
{
	thread->short_count++;
	thread->short_ticks += duration;
}

static void put_short_waits(struct thread *thread, struct event_cursor *cursor, uint64_t now)
{
	event_put_short_waits(cursor, now, thread->short_count, thread->short_ticks);
	thread->short_count = 0;
	thread->short_ticks = 0;
}

static void put_wait(struct event_cursor *cursor, uint64_t start, uint64_t duration,
		     struct wait_object object, uint32_t stack)
{
	switch ((enum wait_event)object.event) {
	case WAIT_EVENT_LOCK_WAIT:
		event_put_lock_wait(cursor, start, duration, object.object, stack);
		break;
	case WAIT_EVENT_CONDITION_WAIT:
		event_put_condition_wait(cursor, start, duration, object.object, object.mutex, stack);
		break;
	case WAIT_EVENT_POLL_WAIT:
		event_put_poll_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	case WAIT_EVENT_NETWORK_WAIT:
		event_put_network_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	case WAIT_EVENT_PIPE_WAIT:
		event_put_pipe_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	case WAIT_EVENT_DISK_WAIT:
		event_put_disk_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	case WAIT_EVENT_SLEEP_WAIT:
		event_put_sleep_wait(cursor, start, duration, stack);
		break;
	case WAIT_EVENT_CHILD_WAIT:
		event_put_child_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	case WAIT_EVENT_JOIN_WAIT:
		event_put_join_wait(cursor, start, duration, object.object, stack);
		break;
	case WAIT_EVENT_OTHER_WAIT:
		event_put_other_wait(cursor, start, duration, (int64_t)object.object, stack);
		break;
	}
}

/* Most bytes of the events that go in front of a wait. */
enum { PREFIX_MAX = EVENT_SHORT_WAITS_MAX + EVENT_START_INFERRED_MAX };

/* A signal handler's hook may have looked, and written a range of its own, since the call's end was read: so that ranges come
 * in the order of their ends, that one becomes a part of the call's. No handler writes while the caller does. */
static uint64_t until_handlers_end(const struct thread *thread, uint64_t start, uint64_t duration)
{
	return thread->last_ticks > start + duration ? thread->last_ticks - start : duration;
}

static void record_wait(struct thread *thread, uint64_t start, uint64_t duration, struct wait_object object,
			bool is_inferred, const void *frame)
{
	if (object.is_descriptor)
		object.event =
			descriptor_identify(thread, (int)object.object, object.event, object.is_epoll, start);
	struct event_cursor *cursor = record_begin(thread, WAIT_EVENT_MAX + PREFIX_MAX, thread->clock);
	if (!cursor)
		return;
	duration = until_handlers_end(thread, start, duration);
	uint32_t stack = stack_capture(thread, frame);
	if (thread->short_count)
		put_short_waits(thread, cursor, start);
	if (is_inferred)
		event_put_start_inferred(cursor, start);
	put_wait(cursor, start, duration, object, stack);
	record_end(thread);
}

static void record_gap(struct thread *thread, uint64_t start, const struct off_cpu *off, const void *frame)
{
	struct event_cursor *cursor =
		record_begin(thread, EVENT_GAP_MAX + EVENT_SHORT_WAITS_MAX, thread->clock);
	if (!cursor)
		return;
	uint64_t duration = until_handlers_end(thread, start, off->now - start);
	uint32_t stack = stack_capture(thread, frame);
	if (thread->short_count)
		put_short_waits(thread, cursor, start);
	event_put_gap(cursor, start, duration, off->ticks, off->voluntary, off->involuntary,
		      off->major_faults, stack);
	record_end(thread);
}

/* The CPU may be lost for so little that telling it would cost more than it is worth: the totals that the agent
 * reads have it anyway. What may have been longer is told. */
static bool is_worth_telling(const struct thread *thread, uint64_t range)
{
	enum { TIMES_THRESHOLD = 10 };
	return range >= TIMES_THRESHOLD * threshold_of(thread);
}

void wait_gap(struct thread *thread, const void *frame)
{
	if (!thread_is_awake(thread))
		return;
	int host_errno = errno;
	uint64_t start = thread->last_ticks, now = thread_ticks(thread);
	if (is_worth_telling(thread, now - start)) {
		struct off_cpu off = off_cpu_account(thread);
		if (off.ticks >= threshold_of(thread))
			record_gap(thread, start, &off, frame);
		now = off.now;
	} else if (!thread->is_blind) {
		off_cpu_refresh(thread, now);
	}
	thread->last_ticks = now;
	look_again(thread);
	errno = host_errno;
}

/* The CPU may have been taken away in a call that did not block: a poll that found something, a lock that had just been
 * released. Whoever takes it keeps it for a while, so that only long calls are worth the question: a two-thousandth of
 * their time at the default threshold. */
static bool was_only_preempted(struct thread *thread, uint64_t start)
{
	enum { TIMES_THRESHOLD = 50 };
	bool was_looked_at = thread->last_ticks != start; /* by a handler's hook */
	return !was_looked_at && !thread->is_blind &&
	       thread_ticks(thread) - start >= TIMES_THRESHOLD * threshold_of(thread) &&
	       !off_cpu_was_blocked(thread);
}

static void end_wait(struct thread *thread, uint64_t start, struct wait_object object, const void *frame)
{
	uint64_t now = thread_ticks(thread);
	uint64_t duration = now - start;
	thread->last_ticks = now; /* a handler's hook finds no gap in what is about to be written */
	if (duration >= threshold_of(thread))
		record_wait(thread, start, duration, object, false, frame);
	else if (!thread->is_blind)
		count_short(thread, duration);
	off_cpu_add_wait(thread, duration);
	if (object.event == EVENT_CONDITION_WAIT || object.event == EVENT_LOCK_WAIT)
		off_cpu_forgive_switches(thread);
	look_again(thread);
}

void wait_end(struct thread *thread, uint64_t start, struct wait_object object, const void *frame)
{
	if (!thread_is_awake(thread))
		return;
	int host_errno = errno;
	if (was_only_preempted(thread, start))
		wait_gap(thread, frame);
	else
		end_wait(thread, start, object, frame);
	errno = host_errno;
}

bool wait_end_untimed(struct thread *thread, struct wait_object object, const void *frame)
{
	if (!thread_is_awake(thread) || thread->is_blind)
		return false;
	int host_errno = errno;
	uint64_t start = thread->last_ticks, now = thread_ticks(thread), range = now - start;
	bool was_blocked = range >= threshold_of(thread) && off_cpu_voluntary(thread) > 0;
	if (was_blocked || is_worth_telling(thread, range)) {
		struct off_cpu off = off_cpu_account(thread);
		if (off.ticks < threshold_of(thread))
			count_short(thread, off.ticks);
		else if (was_blocked)
			record_wait(thread, off.now - off.ticks, off.ticks, object, true, frame);
		else
			record_gap(thread, start, &off, frame);
		now = off.now;
	} else {
		off_cpu_refresh(thread, now);
	}
	thread->last_ticks = now;
	look_again(thread);
	errno = host_errno;
	return was_blocked;
}

bool wait_end_or_preempted(struct thread *thread, uint64_t start, struct wait_object object,
			   const void *frame)
{
	if (!thread_is_awake(thread))
		return false;
	int host_errno = errno;
	uint64_t range = thread_ticks(thread) - start;
	bool was_looked_at =
		thread->last_ticks != start; /* a handler's hook has counted the switches already */
	bool was_blocked = was_looked_at || thread->is_blind || range < threshold_of(thread) ||
			   off_cpu_voluntary(thread) > 0;
	if (was_blocked)
		end_wait(thread, start, object, frame);
	else
		wait_gap(thread, frame);
	errno = host_errno;
	return was_blocked;
}
