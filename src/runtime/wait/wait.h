/* SPDX-License-Identifier: Apache-2.0 */
/* wait.h — what hooks do around the real call so that a wait becomes an event.
 *
 *	struct thread *thread = thread_awake();
 *	if (!thread)
 *		return real_sleep(seconds);
 *	wait_check_gap(thread, frame);             // did it leave the CPU since the last hook?
 *	uint64_t start = wait_start(thread);
 *	unsigned left = real_sleep(seconds);
 *	wait_finish(start, (struct wait_object){EVENT_SLEEP_WAIT}, frame);
 *
 * Nothing is held across the real call, which may never return (siglongjmp, cancellation, exit), and the end asks
 * anew whether the thread is awake: the call may have forked or put the process to sleep.
 *
 * Words:    a wait is a call in which the thread left the CPU, for the threshold or longer; shorter ones are counted.
 *           A call is timed when it is likely to block; one that was believed not to is not, and when it did after
 *           all its start is inferred from the CPU clock (wait_end_untimed).
 * Threads:  the calling thread. Errno is what the real call left. Safe in a signal handler.
 */
#pragma once
#include "record/event_types.h"
#include "runtime/core/thread.h"

struct wait_object {
	enum event_number event; /* one of the waits; 0: told by what the descriptor is */
	uint64_t object;    /* address, descriptor or pid, as the event's first field; unused for sleep */
	uint64_t mutex;     /* of a condition wait */
	bool is_descriptor; /* `object` is a descriptor whose name is to be known */
	bool is_epoll;      /* ... and an epoll */
};

/* The thread left the CPU between two hooked calls: records how long and why. */
void wait_gap(struct thread *thread, const void *frame);

/* The thread left the CPU in the timed call: records the wait, or a gap when the CPU was only taken away. */
void wait_end(struct thread *thread, uint64_t start, struct wait_object object, const void *frame);

/* The thread left the CPU in a call that was not timed: finds out how long and why, records it.
 * Returns whether it was blocked in it (and not merely preempted). */
bool wait_end_untimed(struct thread *thread, struct wait_object object, const void *frame);

/* The same for a call that was timed, but in which the CPU may as well have been taken away. */
bool wait_end_or_preempted(struct thread *thread, uint64_t start, struct wait_object object,
			   const void *frame);

static inline void wait_check_gap(struct thread *thread, const void *frame)
{
	if (__builtin_expect(left_cpu_look(), 0))
		wait_gap(thread, frame);
}

static inline uint64_t wait_start(struct thread *thread)
{
	return thread->last_ticks = thread_ticks(thread);
}

/* Whether the timed call that began at `start` may have been a wait: the thread left the CPU, or a hook inside the call (in a
 * signal handler) has already looked. */
static inline bool wait_is_likely(uint64_t start)
{
	return left_cpu_look() || guest_thread.last_ticks != start;
}

/* For calls that are likely to have blocked. */
static inline void wait_finish(uint64_t start, struct wait_object object, const void *frame)
{
	if (__builtin_expect(wait_is_likely(start), 1))
		wait_end(&guest_thread, start, object, frame);
}
