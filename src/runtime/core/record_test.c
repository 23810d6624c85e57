/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include "runtime/core/record.h"

static struct test_events events;

static void put_release(struct thread *thread, uint64_t object)
{
	struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
	if (!cursor)
		return;
	event_put_lock_release(cursor, cursor->registers.time + 5, object, 3);
	record_end(thread);
}

static void events_decode_to_what_was_written(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	put_release(thread, 0x7000);
	put_release(thread, 0x6000);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 3);
	assert_int_equal(events.events[0].type->number, EVENT_THREAD_START);
	assert_int_equal(events.events[1].type->number, EVENT_LOCK_RELEASE);
	assert_int_equal(events.events[1].time, events.events[0].time + 5);
	assert_int_equal(events.events[1].values[EVENT_LOCK_RELEASE_OBJECT].number, 0x7000);
	assert_int_equal(events.events[2].time, events.events[0].time + 10);
	assert_int_equal(events.events[2].values[EVENT_LOCK_RELEASE_OBJECT].number, 0x6000);
	assert_int_equal(events.events[2].values[EVENT_LOCK_RELEASE_STACK].number, 3);
	test_process_end();
}

static void an_event_is_the_agents_only_once_it_is_whole(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
	event_put_lock_release(cursor, cursor->registers.time, 1, 1);
	assert_string_equal(test_events_told(thread->slot, 0), "thread_start 0");
	record_end(thread);
	assert_string_equal(test_events_told(thread->slot, 0), "thread_start 0, lock_release 1");
	test_process_end();
}

static void full_chunks_go_to_the_agent_in_order(void **state)
{
	(void)state;
	enum { EVENTS = 1000 };
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	for (uint64_t i = 1; i <= EVENTS; i++)
		put_release(thread, i << 32);
	test_events_read(thread->slot, &events); /* checks that sequence numbers count up */
	assert_in_range(events.chunks, 5, EVENTS / 10);
	assert_int_equal(events.count, 1 + EVENTS);
	for (uint64_t i = 1; i <= EVENTS; i++)
		assert_int_equal(events.events[i].values[0].number, i << 32);
	assert_int_equal(guest_process.arena.header->chunks_used, events.chunks);
	test_process_end();
}

static void chunks_that_the_agent_gave_back_are_written_again_before_fresh_ones(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	const struct arena *arena = &guest_process.arena;
	struct chunk *given_back = arena_chunk(arena, 9);
	memset(given_back, 0x55, CHUNK_SIZE);
	arena_list_push(&arena->header->free_chunks, 9, &given_back->next);
	while (arena->threads[thread->slot - 1].chunk == 1)
		put_release(thread, 0x1000);
	assert_int_equal(arena->threads[thread->slot - 1].chunk, 9);
	assert_int_equal(arena->header->chunks_used, 1);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.chunks, 2);
	test_process_end();
}

static void a_full_arena_drops_and_counts(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	struct arena_header *header = guest_process.arena.header;
	header->chunks_used = guest_process.arena.chunk_count;
	uint64_t written = 0;
	while (!test_lost(LOSS_NO_CHUNK)) {
		put_release(thread, 0x1000);
		written++;
	}
	put_release(thread, 0x2000);
	assert_int_equal(test_lost(LOSS_NO_CHUNK), 2);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count,
			 1 + written - 1); /* thread_start, and all but the one that was dropped */

	/* Once there is room again the next event is written. */
	header->chunks_used = guest_process.arena.chunk_count - 1;
	put_release(thread, 0x3000);
	assert_int_equal(test_lost(LOSS_NO_CHUNK), 2);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.events[events.count - 1].values[0].number, 0x3000);
	test_process_end();
}

static void no_chunk_is_begun_when_the_recording_is_over(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->is_recording = 0;
	for (int i = 0; i < 1000; i++)
		put_release(thread, 0x1000);
	assert_int_equal(guest_process.arena.header->chunks_used, 1);
	assert_int_equal(atomic_load(&quick_words.process_word), PROCESS_ASLEEP);
	test_process_end();
}

/* A handler's frames lie below those of what it interrupts. */
static __attribute__((noinline)) void handler(struct thread *thread)
{
	volatile char frame[256];
	frame[0] = 1;
	put_release(thread, 0xbad);
	(void)frame[0];
}

static void an_event_within_an_event_is_dropped_and_counted(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
	handler(thread);
	assert_int_equal(test_lost(LOSS_NESTED), 1);
	event_put_lock_release(cursor, cursor->registers.time, 0x600d, 1);
	record_end(thread);
	assert_string_equal(test_events_told(thread->slot, 1), "lock_release 24589");

	handler(thread); /* nothing is being written any more */
	assert_int_equal(test_lost(LOSS_NESTED), 1);
	assert_string_equal(test_events_told(thread->slot, 1), "lock_release 24589, lock_release 2989");
	test_process_end();
}

static void an_event_from_another_stack_within_an_event_is_dropped(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	assert_non_null(record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock));
	thread->stack_high = thread->stack_low + 4096; /* as if here were a handler's stack */
	put_release(thread, 0xbad);
	assert_int_equal(test_lost(LOSS_NESTED), 1);
	test_process_end();
}

static jmp_buf way_out;

/* Leaves half an event behind, from a frame below the caller's. */
static __attribute__((noinline)) void jump_out_of_an_event(struct thread *thread)
{
	volatile char frame[256];
	frame[0] = 1;
	struct event_cursor *cursor = record_begin(thread, EVENT_LOCK_RELEASE_MAX, thread->clock);
	cursor->at = wire_put_uint(cursor->at, EVENT_LOCK_RELEASE);
	cursor->registers.time += 1000000;
	(void)frame[0];
	longjmp(way_out, 1);
}

static void an_event_left_by_a_jump_is_forgotten_and_a_chunk_begun(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	put_release(thread, 1);
	if (!setjmp(way_out))
		jump_out_of_an_event(thread);
	assert_int_not_equal(thread->writer, 0);
	put_release(thread, 2);
	assert_int_equal(thread->writer, 0);
	assert_int_equal(test_lost(LOSS_NESTED), 0);
	assert_string_equal(test_events_told(thread->slot, 0),
			    "thread_start 0, lock_release 1, lock_release 2");
	test_events_read(thread->slot, &events);
	assert_int_equal(events.chunks, 2);
	test_process_end();
}

/* The chunk that holds the torn event must not be written on when there is no other one at that moment. */
static void an_event_left_by_a_jump_is_forgotten_in_a_full_arena_too(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	put_release(thread, 1);
	guest_process.arena.header->chunks_used = guest_process.arena.chunk_count;
	if (!setjmp(way_out))
		jump_out_of_an_event(thread);
	put_release(thread, 2);
	assert_int_equal(test_lost(LOSS_NO_CHUNK), 1);
	guest_process.arena.header->chunks_used = 1;
	put_release(thread, 3);
	assert_string_equal(test_events_told(thread->slot, 0),
			    "thread_start 0, lock_release 1, lock_release 3");
	test_process_end();
}

static void another_clock_drops_one_event_and_goes_on_with_the_next(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->clock = TRACE_CLOCK_TSC;
	uint64_t waited_for = 0;
	for (; !test_lost(LOSS_CLOCK_CHANGED) && waited_for < 1000; waited_for++)
		put_release(thread, 0x1000);
	assert_int_equal(test_lost(LOSS_CLOCK_CHANGED), 1);
	assert_int_equal(thread->clock, TRACE_CLOCK_TSC);
	assert_int_equal(thread->writer, 0);
	put_release(thread, 0x2000);
	assert_int_equal(test_lost(LOSS_CLOCK_CHANGED), 1);
	const struct chunk *chunk = arena_chunk(&guest_process.arena, guest_process.arena.threads[0].chunk);
	assert_int_equal(chunk->clock, TRACE_CLOCK_TSC);
	assert_in_range(chunk->start_ticks, 1, clock_ticks(TRACE_CLOCK_TSC));
	/* What the thread remembers is of the new clock too. */
	assert_in_range(thread->last_ticks, chunk->start_ticks, clock_ticks(TRACE_CLOCK_TSC));
	assert_in_range(thread->base_ticks, chunk->start_ticks, clock_ticks(TRACE_CLOCK_TSC));
	test_process_end();
}

static void a_clock_that_nobody_knows_is_the_monotonic_one(void **state)
{
	(void)state;
	test_process_wake(ARENA_SIZE_MIN);
	guest_process.arena.header->clock = 0xffffffff; /* by an enemy */
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	struct thread *thread = thread_awake();
	assert_int_equal(thread->clock, TRACE_CLOCK_MONOTONIC);
	assert_int_equal(thread->chunk->clock, TRACE_CLOCK_MONOTONIC);
	test_process_end();
}

static void a_clock_pair_is_written_when_it_is_due_and_not_before(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	uint64_t due = thread->cursor.registers.time + 7;
	guest_process.arena.header->next_pair_ticks = due;
	put_release(thread, 1); /* 5 ticks later */
	put_release(thread, 2); /* 10 */
	put_release(thread, 3);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 5);
	assert_int_equal(events.events[2].values[0].number, 2);
	assert_int_equal(events.events[3].type->number, EVENT_CLOCK_PAIR);
	assert_int_equal(events.events[4].values[0].number, 3);
	assert_int_equal(guest_process.arena.header->next_pair_ticks, due + 3 + TEST_TICKS_PER_SECOND);
	assert_in_range(events.events[3].time,
			events.events[3].values[EVENT_CLOCK_PAIR_MONOTONIC_NS].number - 1000000,
			events.events[3].values[EVENT_CLOCK_PAIR_MONOTONIC_NS].number + 1000000);
	test_process_end();
}

/* Events of any size end before the chunk does, the clock pair behind them too. */
static void no_event_reaches_behind_its_chunk(void **state)
{
	(void)state;
	for (size_t size = 1; size < 300; size += 7) {
		static const char text[300];
		struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
		const uint8_t *behind = (const uint8_t *)arena_chunk(&guest_process.arena, 2);
		for (int i = 0; i < 200 && guest_process.arena.threads[0].chunk == 1; i++) {
			guest_process.arena.header->next_pair_ticks = 0;
			struct event_cursor *cursor =
				record_begin(thread, EVENT_THREAD_OWN_NAME_MAX + size, thread->clock);
			assert_non_null(cursor);
			event_put_thread_own_name(cursor, UINT64_MAX / 2 * (unsigned)(i % 2), text, size);
			record_end(thread);
			if (guest_process.arena.threads[0].chunk == 1)
				assert_true(thread->cursor.at <= behind);
		}
		assert_int_equal(guest_process.arena.threads[0].chunk, 2);
		test_events_read(thread->slot, &events);
		test_process_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_decode_to_what_was_written),
		cmocka_unit_test(an_event_is_the_agents_only_once_it_is_whole),
		cmocka_unit_test(full_chunks_go_to_the_agent_in_order),
		cmocka_unit_test(chunks_that_the_agent_gave_back_are_written_again_before_fresh_ones),
		cmocka_unit_test(a_full_arena_drops_and_counts),
		cmocka_unit_test(no_chunk_is_begun_when_the_recording_is_over),
		cmocka_unit_test(an_event_within_an_event_is_dropped_and_counted),
		cmocka_unit_test(an_event_from_another_stack_within_an_event_is_dropped),
		cmocka_unit_test(an_event_left_by_a_jump_is_forgotten_and_a_chunk_begun),
		cmocka_unit_test(an_event_left_by_a_jump_is_forgotten_in_a_full_arena_too),
		cmocka_unit_test(another_clock_drops_one_event_and_goes_on_with_the_next),
		cmocka_unit_test(a_clock_that_nobody_knows_is_the_monotonic_one),
		cmocka_unit_test(a_clock_pair_is_written_when_it_is_due_and_not_before),
		cmocka_unit_test(no_event_reaches_behind_its_chunk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
