/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "runtime/core/record.h"
#include "runtime/core/room.h"
#include "runtime/core/syscall.h"
#include "runtime/wait/thread_start.h"

static struct test_events events;

/* Runs in a thread that knows nothing of the guest yet, and waits for its end. */
static void run_in_thread(void *(*start)(void *), void *argument)
{
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, start, argument), 0);
	pthread_join(thread, NULL);
}

static void a_thread_takes_a_slot_at_its_first_hooked_call(void **state)
{
	(void)state;
	errno = ENOENT;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(thread->slot, 1);
	const struct thread_slot *slot = arena_thread(&guest_process.arena, 1);
	assert_int_equal(slot->state, SLOT_RUNNING);
	assert_int_equal(slot->tid, gettid());
	assert_int_equal(slot->chunk, 1);
	assert_int_equal(slot->generation, 1);
	assert_ptr_equal(thread_awake(), thread);
	assert_int_equal(guest_process.arena.header->threads_used, 1);
	assert_string_equal(test_events_told(1, 0), "thread_start 0");
	test_process_end();
}

static void a_thread_that_ends_tells_its_name_and_totals_and_leaves_its_slot_to_the_agent(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	char name_before[16];
	prctl(PR_GET_NAME, name_before);
	prctl(PR_SET_NAME, "ends");
	thread->short_count = 3;
	thread->short_ticks = 1000;
	uint64_t cpu_before = syscall_thread_cpu_ns();
	thread_end();
	prctl(PR_SET_NAME, name_before);
	test_events_read(1, &events);
	assert_int_equal(events.count, 4);
	assert_int_equal(events.events[1].type->number, EVENT_SHORT_WAITS);
	assert_int_equal(events.events[1].values[EVENT_SHORT_WAITS_TOTAL].number, 1000);
	assert_int_equal(events.events[2].type->number, EVENT_THREAD_OWN_NAME);
	assert_int_equal(events.events[2].values[0].number, strlen("ends"));
	assert_memory_equal(events.events[2].values[0].text, "ends", strlen("ends"));
	assert_int_equal(events.events[3].type->number, EVENT_THREAD_END);
	assert_in_range(events.events[3].values[EVENT_THREAD_END_CPU_NS].number, cpu_before,
			syscall_thread_cpu_ns());
	assert_int_equal(arena_thread(&guest_process.arena, 1)->state, SLOT_ENDED);
	assert_null(thread_awake()); /* it does not come back */
	thread_end();
	assert_string_equal(test_events_told(1, 4), "");
	test_process_end();
}

static void *begin_and_end(void *out_slot)
{
	struct thread *thread = thread_awake();
	*(uint32_t *)out_slot = thread ? thread->slot : 0;
	return NULL; /* the thread's end is found out by itself */
}

static void a_slot_is_used_again_with_a_new_generation(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	struct arena *arena = &guest_process.arena;
	for (uint32_t user = 1; user <= 3; user++) {
		uint32_t number = 0;
		run_in_thread(begin_and_end, &number);
		assert_int_equal(number, 1);
		struct thread_slot *slot = arena_thread(arena, 1);
		assert_int_equal(slot->state, SLOT_ENDED);
		assert_int_equal(slot->generation, user);
		assert_int_equal(arena_chunk(arena, slot->chunk)->generation, user);
		assert_int_equal(arena_chunk(arena, slot->chunk)->sequence, 0);
		/* what the agent does */
		arena_list_push(&arena->header->free_chunks, slot->chunk,
				arena_next_chunk(arena, slot->chunk));
		slot->chunk = 0;
		slot->state = SLOT_FREE;
		arena_list_push(&arena->header->free_threads, 1, &slot->next);
	}
	assert_int_equal(arena->header->threads_used, 1);
	assert_int_equal(arena->header->chunks_used, 1);
	test_process_end();
}

static void a_thread_without_a_slot_sleeps_until_there_is_one_and_is_counted_once(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	guest_process.arena.header->threads_used = guest_process.arena.thread_count;
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	assert_null(thread_awake());
	assert_null(thread_awake());
	assert_int_equal(test_lost(LOSS_NO_THREAD_SLOT), 1);

	/* Once another thread has left, it takes the slot. */
	guest_process.arena.header->threads_used--;
	assert_non_null(thread_awake());
	test_process_end();
}

/* Leaves the thread claimed by a frame that is gone. */
static __attribute__((noinline)) void claim_and_be_gone(struct thread *thread)
{
	volatile char frame[4096];
	frame[0] = 1;
	assert_true(record_claim(thread));
	(void)frame[0];
}

static void a_thread_of_another_epoch_wakes_anew(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	claim_and_be_gone(thread); /* in the middle of an event, out of which a handler jumped */
	test_process_end();

	test_process_wake(ARENA_SIZE_MIN);
	assert_false(thread_is_awake(thread));
	assert_ptr_equal(thread_awake(), thread);
	assert_true(thread_is_awake(thread));
	assert_int_equal(thread->sequence, 1);
	assert_string_equal(test_events_told(1, 0), "thread_start 0");
	assert_int_equal(test_lost(LOSS_NESTED), 0);
	test_process_end();
}

/* A hook of a signal handler that came while the thread was waking up; a fork there used to leave it asleep for ever. */
static void a_thread_that_is_being_changed_is_asleep_for_its_handlers(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	test_stack_bounds(&guest_thread);
	guest_thread.writer = (uintptr_t)__builtin_frame_address(0);
	assert_null(thread_awake());
	assert_int_equal(guest_process.arena.header->threads_used, 0);
	record_release(&guest_thread);
	assert_non_null(thread_awake());
	test_process_end();
}

static void a_thread_lent_to_a_vfork_child_does_not_wake(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	uint32_t epoch = thread->epoch;
	thread->epoch = THREAD_LENT;
	assert_null(thread_awake());
	assert_int_equal(guest_process.arena.header->threads_used, 1);
	thread->epoch = epoch;
	assert_ptr_equal(thread_awake(), thread);
	test_process_end();
}

static void a_sleeping_process_wakes_no_thread(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	process_sleep();
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	assert_null(thread_awake());
	assert_int_equal(guest_process.arena.header->threads_used, 0);
	test_process_end();
}

/* --- threads that pthread_create starts
 * ---------------------------------------------------------------------------- */

struct started {
	struct thread *thread;
	uint32_t slot, tid, generation;
	uintptr_t stack_low, stack_high, here, descriptor;
};

static void *note_thread(void *argument)
{
	struct started *started = argument;
	started->thread = thread_awake();
	started->slot = guest_thread.slot;
	started->tid = guest_thread.tid;
	started->stack_low = guest_thread.stack_low;
	started->stack_high = guest_thread.stack_high;
	started->descriptor = (uintptr_t)__builtin_thread_pointer();
	started->here = (uintptr_t)__builtin_frame_address(0);
	return argument;
}

static void a_started_thread_knows_its_creator_and_its_stack(void **state)
{
	(void)state;
	struct thread *creator = test_process_begin(ARENA_SIZE_MIN);
	struct started started = {0};
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 1 << 20);
	errno = ENOENT;
	struct room *room =
		thread_start_prepare(creator, &attributes, note_thread, &started, __builtin_frame_address(0));
	assert_int_equal(errno, ENOENT);
	assert_non_null(room);
	pthread_t thread;
	void *result;
	assert_int_equal(pthread_create(&thread, &attributes, thread_start_run, room), 0);
	pthread_join(thread, &result);
	pthread_attr_destroy(&attributes);

	assert_ptr_equal(result, &started); /* what the program's function returned */
	assert_non_null(started.thread);
	assert_int_equal(started.slot, 2);
	assert_int_not_equal(started.tid, creator->tid);
	assert_in_range(started.here, started.stack_low, started.stack_high - 1);
	assert_int_equal(started.stack_high, started.descriptor); /* libc's own frames are below it too */
	assert_int_equal(started.stack_high - started.stack_low, 1 << 20);
	test_events_read(2, &events);
	assert_int_equal(events.events[0].type->number, EVENT_THREAD_START);
	assert_int_equal(events.events[0].values[EVENT_THREAD_START_CREATOR_TID].number, creator->tid);
	assert_int_not_equal(events.events[0].values[EVENT_THREAD_START_STACK].number, 0);
	assert_int_equal(events.events[events.count - 1].type->number, EVENT_THREAD_END);
	assert_int_equal(arena_thread(&guest_process.arena, 2)->state, SLOT_ENDED);
	test_process_end();
}

static void a_thread_that_did_not_come_to_be_leaves_its_slot_to_the_next(void **state)
{
	(void)state;
	struct thread *creator = test_process_begin(ARENA_SIZE_MIN);
	struct room *room =
		thread_start_prepare(creator, NULL, note_thread, NULL, __builtin_frame_address(0));
	assert_int_equal(room->slot, 2);
	assert_int_equal(room->stack_size, thread_default_stack_size);
	thread_start_undo(room);
	assert_int_equal(arena_thread(&guest_process.arena, 2)->state, SLOT_FREE);
	assert_ptr_equal(thread_place_take(), room);
	assert_int_equal(room->slot, 2);
	assert_int_equal(thread_place_take()->slot, 3);
	test_process_end();
}

static void without_a_slot_a_thread_is_started_without_us(void **state)
{
	(void)state;
	struct thread *creator = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->threads_used = guest_process.arena.thread_count;
	assert_null(thread_start_prepare(creator, NULL, note_thread, NULL, __builtin_frame_address(0)));
	assert_int_equal(test_lost(LOSS_NO_THREAD_SLOT), 1);
	test_process_end();
}

static void *keep_room(void *out_room)
{
	thread_awake();
	*(struct room **)out_room = guest_thread.room;
	return NULL;
}

/* The agent has not looked yet: each thread takes a slot of its own, but no page of the host's memory more. */
static void a_room_is_free_as_soon_as_its_thread_has_ended(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	for (int i = 0; i < 100; i++) {
		struct room *room = NULL;
		run_in_thread(keep_room, &room);
		assert_ptr_equal(room, guest_process.pool.rooms);
	}
	assert_int_equal(guest_process.pool.used, 1);
	assert_int_equal(guest_process.arena.header->threads_used, 100);
	test_process_end();
}

/* The list of free slots lies where another process can write. */
static void a_slot_given_out_twice_gives_no_two_threads_one_room(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	struct arena *arena = &guest_process.arena;
	arena->threads[4].next = 5; /* a circle */
	arena->header->free_threads = 5;
	struct room *first = thread_place_take(), *second = thread_place_take();
	assert_int_equal(first->slot, 5);
	assert_int_equal(second->slot, 5);
	assert_ptr_not_equal(first, second);
	test_process_end();
}

static void without_a_room_a_thread_stays_asleep_and_its_slot_free(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	guest_process.pool.used = guest_process.pool.count;
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	assert_null(thread_awake());
	assert_int_equal(test_lost(LOSS_NO_THREAD_SLOT), 1);
	assert_int_equal(guest_process.arena.header->threads_used, 0);
	test_process_end();
}

static void *begin_many(void *argument)
{
	(void)argument;
	struct thread *thread = thread_awake();
	for (int i = 0; thread && i < 500; i++) {
		struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
		if (!cursor)
			continue;
		event_put_lock_release(cursor, cursor->registers.time, (uint64_t)(i + 1) << 20, 0);
		record_end(thread);
	}
	return NULL;
}

static void threads_write_at_the_same_time_without_mixing(void **state)
{
	(void)state;
	enum { THREADS = 8 };
	test_process_wake(ARENA_SIZE_MIN);
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, begin_many, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t slot = 1; slot <= THREADS; slot++) {
		test_events_read(slot, &events);
		assert_int_equal(events.count, 1 + 500 + 2); /* start, releases, name and end */
		for (uint64_t i = 1; i <= 500; i++)
			assert_int_equal(events.events[i].values[0].number, i << 20);
	}
	guest_thread = (struct thread){.epoch = THREAD_NEW, .is_blind = true};
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_takes_a_slot_at_its_first_hooked_call),
		cmocka_unit_test(
			a_thread_that_ends_tells_its_name_and_totals_and_leaves_its_slot_to_the_agent),
		cmocka_unit_test(a_slot_is_used_again_with_a_new_generation),
		cmocka_unit_test(a_thread_without_a_slot_sleeps_until_there_is_one_and_is_counted_once),
		cmocka_unit_test(a_thread_of_another_epoch_wakes_anew),
		cmocka_unit_test(a_thread_that_is_being_changed_is_asleep_for_its_handlers),
		cmocka_unit_test(a_thread_lent_to_a_vfork_child_does_not_wake),
		cmocka_unit_test(a_sleeping_process_wakes_no_thread),
		cmocka_unit_test(a_started_thread_knows_its_creator_and_its_stack),
		cmocka_unit_test(a_thread_that_did_not_come_to_be_leaves_its_slot_to_the_next),
		cmocka_unit_test(without_a_slot_a_thread_is_started_without_us),
		cmocka_unit_test(a_room_is_free_as_soon_as_its_thread_has_ended),
		cmocka_unit_test(a_slot_given_out_twice_gives_no_two_threads_one_room),
		cmocka_unit_test(without_a_room_a_thread_stays_asleep_and_its_slot_free),
		cmocka_unit_test(threads_write_at_the_same_time_without_mixing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
