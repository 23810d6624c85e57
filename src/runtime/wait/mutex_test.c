/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <errno.h>
#include <sched.h>
#include "runtime/core/syscall.h"
#include "runtime/wait/mutex.h"
#include "runtime/wait/wake_edge.h"

/* Those with a priority ceiling take rights that not everybody has: see below. */
enum { KINDS = 3 * 2 * 2 };

/* The nth combination of type, robustness and protocol. */
static void mutex_init(pthread_mutex_t *mutex, int n)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK};
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, types[n % 3]);
	pthread_mutexattr_setrobust(&attributes, n / 3 % 2 ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED);
	pthread_mutexattr_setprotocol(&attributes, n / 6 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
	assert_int_equal(pthread_mutex_init(mutex, &attributes), 0);
	pthread_mutexattr_destroy(&attributes);
}

/* A lock held by a thread of its own, until it is told to let go. */
struct holder {
	pthread_t thread;
	pthread_mutex_t *mutex;
	pthread_barrier_t holds, lets_go;
};

static void *hold(void *argument)
{
	struct holder *holder = argument;
	pthread_mutex_lock(holder->mutex);
	pthread_barrier_wait(&holder->holds);
	pthread_barrier_wait(&holder->lets_go);
	pthread_mutex_unlock(holder->mutex);
	return NULL;
}

static void holder_begin(struct holder *holder, pthread_mutex_t *mutex)
{
	holder->mutex = mutex;
	pthread_barrier_init(&holder->holds, NULL, 2);
	pthread_barrier_init(&holder->lets_go, NULL, 2);
	assert_int_equal(pthread_create(&holder->thread, NULL, hold, holder), 0);
	pthread_barrier_wait(&holder->holds);
}

static void holder_end(struct holder *holder)
{
	pthread_barrier_wait(&holder->lets_go);
	pthread_join(holder->thread, NULL);
	pthread_barrier_destroy(&holder->holds);
	pthread_barrier_destroy(&holder->lets_go);
}

static void a_lock_looks_free_when_it_is(void **state)
{
	(void)state;
	uint32_t tid = syscall_thread_id();
	for (int kind = 0; kind < KINDS; kind++) {
		pthread_mutex_t mutex;
		struct holder holder = {0};
		mutex_init(&mutex, kind);
		if (!mutex_looks_free(&mutex, tid) || mutex_has_waiters(&mutex))
			fail_msg("kind %#x: a fresh lock looks taken", (unsigned)mutex.__data.__kind);

		holder_begin(&holder, &mutex);
		if (mutex_looks_free(&mutex, tid))
			fail_msg("kind %#x: a lock that another thread holds looks free",
				 (unsigned)mutex.__data.__kind);
		if (mutex_has_waiters(&mutex))
			fail_msg("kind %#x: a lock that nobody waits for looks waited for",
				 (unsigned)mutex.__data.__kind);
		holder_end(&holder);
		if (!mutex_looks_free(&mutex, tid))
			fail_msg("kind %#x: a lock looks taken that was let go",
				 (unsigned)mutex.__data.__kind);
		pthread_mutex_destroy(&mutex);
	}
}

/* The lock word of one with a priority ceiling: the ceiling above, 0, 1 or 2 below. */
static void a_priority_ceiling_is_no_owner(void **state)
{
	(void)state;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	mutex.__data.__kind = 0x40; /* PTHREAD_PRIO_PROTECT */
	mutex.__data.__lock = 99 << 19;
	assert_true(mutex_looks_free(&mutex, 1));
	assert_false(mutex_has_waiters(&mutex));
	mutex.__data.__lock = 99 << 19 | 1;
	assert_false(mutex_looks_free(&mutex, 1));
	assert_false(mutex_has_waiters(&mutex));
	mutex.__data.__lock = 99 << 19 | 2;
	assert_false(mutex_looks_free(&mutex, 1));
	assert_true(mutex_has_waiters(&mutex));
}

static void a_recursive_lock_looks_free_to_its_owner_alone(void **state)
{
	(void)state;
	uint32_t tid = syscall_thread_id();
	pthread_mutex_t mutex;
	mutex_init(&mutex, 1);
	pthread_mutex_lock(&mutex);
	assert_true(mutex_looks_free(&mutex, tid));
	assert_false(mutex_looks_free(&mutex, tid + 1));
	pthread_mutex_unlock(&mutex);
	pthread_mutex_destroy(&mutex);

	mutex_init(&mutex, 2); /* error checking: the owner gets EDEADLK, but not the lock */
	pthread_mutex_lock(&mutex);
	assert_false(mutex_looks_free(&mutex, tid));
	pthread_mutex_unlock(&mutex);
	pthread_mutex_destroy(&mutex);
}

static void *lock_and_unlock(void *mutex)
{
	pthread_mutex_lock(mutex);
	pthread_mutex_unlock(mutex);
	return NULL;
}

static void a_lock_that_somebody_waits_for_shows_it_to_its_owner(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		pthread_mutex_t mutex;
		pthread_t waiter;
		mutex_init(&mutex, kind);
		pthread_mutex_lock(&mutex);
		assert_false(mutex_has_waiters(&mutex));
		assert_int_equal(pthread_create(&waiter, NULL, lock_and_unlock, &mutex), 0);
		while (!mutex_has_waiters(&mutex)) /* ends with the test's time limit if it never shows */
			sched_yield();
		assert_false(mutex_looks_free(&mutex, syscall_thread_id() + 1));
		pthread_mutex_unlock(&mutex);
		pthread_join(waiter, NULL);
		assert_true(mutex_looks_free(&mutex, syscall_thread_id()));
		pthread_mutex_destroy(&mutex);
	}
}

struct meeting {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	bool is_over;
};

static void *wait_for_the_end(void *argument)
{
	struct meeting *meeting = argument;
	pthread_mutex_lock(&meeting->mutex);
	while (!meeting->is_over)
		pthread_cond_wait(&meeting->condition, &meeting->mutex);
	pthread_mutex_unlock(&meeting->mutex);
	return NULL;
}

static void a_condition_has_waiters_while_somebody_waits(void **state)
{
	(void)state;
	struct meeting meeting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
	pthread_t thread;
	assert_false(condition_has_waiters(&meeting.condition));
	assert_int_equal(pthread_create(&thread, NULL, wait_for_the_end, &meeting), 0);
	while (!condition_has_waiters(&meeting.condition))
		sched_yield();
	pthread_mutex_lock(&meeting.mutex);
	meeting.is_over = true;
	pthread_mutex_unlock(&meeting.mutex);
	pthread_cond_signal(&meeting.condition);
	pthread_join(thread, NULL);
	assert_false(condition_has_waiters(&meeting.condition));
}

static void an_edge_names_its_object_and_keeps_errno(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	errno = ENOENT;
	uint64_t before = clock_monotonic_ns();
	wake_edge(thread, WAKE_EVENT_LOCK_RELEASE, (void *)0x10, __builtin_frame_address(0));
	wake_edge(thread, WAKE_EVENT_CONDITION_SIGNAL, (void *)0x20, __builtin_frame_address(0));
	wake_edge(thread, WAKE_EVENT_CONDITION_BROADCAST, (void *)0x30, __builtin_frame_address(0));
	assert_int_equal(errno, ENOENT);
	assert_string_equal(test_events_told(thread->slot, 1),
			    "lock_release 16, condition_signal 32, condition_broadcast 48");
	struct test_events *events = malloc(sizeof *events);
	test_events_read(thread->slot, events);
	for (size_t i = 1; i < events->count; i++) {
		assert_in_range(events->events[i].time, before, clock_monotonic_ns());
		assert_int_not_equal(events->events[i].values[1].number, 0);
	}
	assert_int_equal(thread->last_ticks, events->events[3].time);
	free(events);
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_looks_free_when_it_is),
		cmocka_unit_test(a_priority_ceiling_is_no_owner),
		cmocka_unit_test(a_recursive_lock_looks_free_to_its_owner_alone),
		cmocka_unit_test(a_lock_that_somebody_waits_for_shows_it_to_its_owner),
		cmocka_unit_test(a_condition_has_waiters_while_somebody_waits),
		cmocka_unit_test(an_edge_names_its_object_and_keeps_errno),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
