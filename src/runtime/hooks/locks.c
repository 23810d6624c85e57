/* SPDX-License-Identifier: Apache-2.0 */
/* locks.c — mutexes and condition variables.
 *
 * A lock that looks free is taken by the real call untimed: no clock, no trylock that would answer otherwise than
 * lock (robust, recursive, error-checking). In the rare case that another thread was quicker the left-CPU check tells.
 * A lock that is not free is timed. Whoever unlocks a lock with waiters writes the wake-up edge first: behind the
 * real unlock the memory may be gone.
 */
#include "runtime/hooks/hook.h"
#include "runtime/hooks/switches.h"
#include "runtime/wait/mutex.h"
#include "runtime/wait/wake_edge.h"

static OUT_OF_LINE void lock_left_cpu(pthread_mutex_t *mutex, uint64_t start, const void *frame)
{
	struct wait_object object = {.event = EVENT_LOCK_WAIT, .object = (uintptr_t)mutex};
	if (start)
		wait_end(&guest_thread, start, object, frame);
	else
		wait_end_untimed(&guest_thread, object, frame);
}

/* 0 when the lock looks free: then it is not timed. */
static inline uint64_t lock_begin(struct thread *thread, const pthread_mutex_t *mutex, const void *frame)
{
	wait_check_gap(thread, frame);
	return mutex_looks_free(mutex, thread->tid) ? 0 : wait_start(thread);
}

static inline void lock_end(pthread_mutex_t *mutex, uint64_t start, const void *frame)
{
	if (start ? wait_is_likely(start) : left_cpu_look())
		lock_left_cpu(mutex, start, frame);
}

static OUT_OF_LINE int timed_lock(pthread_mutex_t *mutex, const void *frame)
{
	struct thread *thread = hook_thread(HOOK_pthread_mutex_lock);
	if (!thread)
		return real_pthread_mutex_lock(mutex);
	uint64_t start = lock_begin(thread, mutex, frame);
	int error = real_pthread_mutex_lock(mutex);
	lock_end(mutex, start, frame);
	return error;
}

HOOK int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	if (process_word() == PROCESS_ASLEEP)
		return real_pthread_mutex_lock(mutex);
	if (!thread_is_undisturbed() || !mutex_looks_free(mutex, guest_thread.tid))
		return timed_lock(mutex, __builtin_frame_address(0));
	int error = real_pthread_mutex_lock(mutex);
	if (__builtin_expect(left_cpu_look(), 0) && !hook_is_off(HOOK_pthread_mutex_lock))
		lock_left_cpu(mutex, 0, __builtin_frame_address(0));
	return error;
}

HOOK int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
	struct thread *thread = hook_thread(HOOK_pthread_mutex_timedlock);
	if (!thread)
		return real_pthread_mutex_timedlock(mutex, until);
	const void *frame = __builtin_frame_address(0);
	uint64_t start = lock_begin(thread, mutex, frame);
	int error = real_pthread_mutex_timedlock(mutex, until);
	lock_end(mutex, start, frame);
	return error;
}

HOOK int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	struct thread *thread = hook_thread(HOOK_pthread_mutex_clocklock);
	if (!thread)
		return real_pthread_mutex_clocklock(mutex, clock, until);
	const void *frame = __builtin_frame_address(0);
	uint64_t start = lock_begin(thread, mutex, frame);
	int error = real_pthread_mutex_clocklock(mutex, clock, until);
	lock_end(mutex, start, frame);
	return error;
}

static OUT_OF_LINE void before_unlock(pthread_mutex_t *mutex, const void *frame)
{
	struct thread *thread = hook_thread(HOOK_pthread_mutex_unlock);
	if (!thread)
		return;
	wait_check_gap(thread, frame);
	if (mutex_has_waiters(mutex))
		wake_edge(thread, WAKE_EVENT_LOCK_RELEASE, mutex, frame);
}

HOOK int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (process_word() == PROCESS_ASLEEP)
		return real_pthread_mutex_unlock(mutex);
	if (!thread_is_undisturbed() || mutex_has_waiters(mutex))
		before_unlock(mutex, __builtin_frame_address(0));
	return real_pthread_mutex_unlock(mutex);
}

HOOK __typeof__(pthread_mutex_lock) __pthread_mutex_lock __attribute__((alias("pthread_mutex_lock")));
HOOK __typeof__(pthread_mutex_unlock) __pthread_mutex_unlock __attribute__((alias("pthread_mutex_unlock")));

static inline uint64_t condition_begin(struct thread *thread, const pthread_mutex_t *mutex, const void *frame)
{
	wait_check_gap(thread, frame);
	if (mutex_has_waiters(mutex)) /* the wait is going to unlock it */
		wake_edge(thread, WAKE_EVENT_LOCK_RELEASE, mutex, frame);
	return wait_start(thread);
}

static inline void condition_end(uint64_t start, const pthread_cond_t *condition,
				 const pthread_mutex_t *mutex, const void *frame)
{
	struct wait_object object = {
		.event = EVENT_CONDITION_WAIT, .object = (uintptr_t)condition, .mutex = (uintptr_t)mutex};
	wait_finish(start, object, frame);
}

HOOK int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	struct thread *thread = hook_thread(HOOK_pthread_cond_wait);
	if (!thread)
		return real_pthread_cond_wait(condition, mutex);
	const void *frame = __builtin_frame_address(0);
	uint64_t start = condition_begin(thread, mutex, frame);
	int error = real_pthread_cond_wait(condition, mutex);
	condition_end(start, condition, mutex, frame);
	return error;
}

HOOK int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				const struct timespec *until)
{
	struct thread *thread = hook_thread(HOOK_pthread_cond_timedwait);
	if (!thread)
		return real_pthread_cond_timedwait(condition, mutex, until);
	const void *frame = __builtin_frame_address(0);
	uint64_t start = condition_begin(thread, mutex, frame);
	int error = real_pthread_cond_timedwait(condition, mutex, until);
	condition_end(start, condition, mutex, frame);
	return error;
}

HOOK int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
				const struct timespec *until)
{
	struct thread *thread = hook_thread(HOOK_pthread_cond_clockwait);
	if (!thread)
		return real_pthread_cond_clockwait(condition, mutex, clock, until);
	const void *frame = __builtin_frame_address(0);
	uint64_t start = condition_begin(thread, mutex, frame);
	int error = real_pthread_cond_clockwait(condition, mutex, clock, until);
	condition_end(start, condition, mutex, frame);
	return error;
}

static inline void before_wake(enum hook_number hook, enum wake_event event, const pthread_cond_t *condition,
			       const void *frame)
{
	struct thread *thread = hook_thread(hook);
	if (!thread)
		return;
	wait_check_gap(thread, frame);
	if (condition_has_waiters(condition))
		wake_edge(thread, event, condition, frame);
}

HOOK int pthread_cond_signal(pthread_cond_t *condition)
{
	before_wake(HOOK_pthread_cond_signal, WAKE_EVENT_CONDITION_SIGNAL, condition,
		    __builtin_frame_address(0));
	return real_pthread_cond_signal(condition);
}

HOOK int pthread_cond_broadcast(pthread_cond_t *condition)
{
	before_wake(HOOK_pthread_cond_broadcast, WAKE_EVENT_CONDITION_BROADCAST, condition,
		    __builtin_frame_address(0));
	return real_pthread_cond_broadcast(condition);
}
