/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/drain.h"
#include <string.h>
#include "agent/test_recorded.h"

static uint64_t drain(struct test_recorded *test)
{
	return drain_process(&test->recorded, &test->journal);
}

static struct arena_header *header_of(struct test_recorded *test)
{
	return test->recorded.shared.arena.header;
}

static uint32_t pop_free_chunk(struct test_recorded *test)
{
	return arena_list_pop(&header_of(test)->free_chunks, &test->recorded.shared.arena, arena_next_chunk);
}

static uint32_t pop_free_slot(struct test_recorded *test)
{
	return arena_list_pop(&header_of(test)->free_threads, &test->recorded.shared.arena,
			      arena_next_thread);
}

static void a_chunk_that_is_being_written_is_read_on_where_it_was_left(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_write_here(test, &chunk);
	assert_int_equal(drain(test), 0);
	test_chunk_put(&chunk, 1010, 0x7000);
	test_chunk_put(&chunk, 1020, 0x7010);
	assert_int_equal(drain(test), 2);
	assert_int_equal(drain(test), 0);
	test_chunk_put(&chunk, 1030, 0x7020); /* told by its distance from the one before */
	assert_int_equal(drain(test), 1);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "1: lock_release 1010 0x7000 0\n"
						      "1: lock_release 1020 0x7010 0\n"
						      "1: lock_release 1030 0x7020 0\n");
	test_recorded_destroy(test);
}

static void full_chunks_come_before_the_one_being_written(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunks[3];
	for (uint32_t i = 0; i < 3; i++) {
		chunks[i] = test_chunk_begin(test, 1, i, 3 - i);
		test_chunk_put(&chunks[i], 1010 + 100 * i, i + 1);
	}
	test_chunk_write_here(test, &chunks[2]);
	test_chunk_hand_over(test, &chunks[0]);
	test_chunk_hand_over(test, &chunks[1]);
	assert_int_equal(drain(test), 3);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "1: lock_release 1010 0x1 0\n"
						      "1: lock_release 1110 0x2 0\n"
						      "1: lock_release 1210 0x3 0\n");
	/* The guest gets back what it handed over, the last one first, and not what it writes. */
	assert_int_equal(pop_free_chunk(test), 2);
	assert_int_equal(pop_free_chunk(test), 3);
	assert_int_equal(pop_free_chunk(test), 0);
	test_recorded_destroy(test);
}

/* A thread publishes its new chunk before it hands over the old one. */
static void nothing_is_read_while_a_full_chunk_is_still_to_come(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk first = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&first, 1010, 1);
	test_chunk_write_here(test, &first);
	assert_int_equal(drain(test), 1);
	test_chunk_put(&first, 1020, 2);
	struct test_chunk second = test_chunk_begin(test, 1, 1, 2);
	test_chunk_put(&second, 1110, 3);
	test_chunk_write_here(test, &second);
	assert_int_equal(drain(test), 0);
	test_chunk_hand_over(test, &first);
	assert_int_equal(drain(test), 2);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "1: lock_release 1010 0x1 0\n"
						      "1: lock_release 1020 0x2 0\n"
						      "1: lock_release 1110 0x3 0\n");
	test_recorded_destroy(test);
}

static void threads_do_not_mix(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct test_chunk chunks[2];
	for (uint32_t i = 0; i < 2; i++) {
		test_slot_begin(test, i + 1, 701 + i);
		chunks[i] = test_chunk_begin(test, i + 1, 0, i + 1);
		test_chunk_write_here(test, &chunks[i]);
	}
	test_chunk_put(&chunks[1], 1010, 1);
	drain(test);
	test_chunk_put(&chunks[0], 1020, 2);
	test_chunk_put(&chunks[1], 1030, 3);
	drain(test);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "thread 2 1 702\n"
						      "2: lock_release 1010 0x1 0\n"
						      "1: lock_release 1020 0x2 0\n"
						      "2: lock_release 1030 0x3 0\n");
	test_recorded_destroy(test);
}

static void a_slot_of_an_ended_thread_is_given_back_and_its_next_user_is_another_thread(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct thread_slot *slot = test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&chunk, 1010, 1);
	test_chunk_write_here(test, &chunk);
	slot->state = SLOT_ENDED;
	assert_int_equal(drain(test), 1);
	assert_int_equal(slot->state, SLOT_FREE);
	assert_false(test->recorded.lanes[0].is_alive);
	assert_int_equal(pop_free_slot(test), 1);
	assert_int_equal(pop_free_chunk(test), 1);

	slot = test_slot_begin(test, 1, 702);
	chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&chunk, 1020, 2);
	test_chunk_write_here(test, &chunk);
	assert_int_equal(drain(test), 1);
	slot->state = SLOT_ENDED;
	slot->chunk = 0; /* one that never got a chunk */
	assert_int_equal(drain(test), 0);
	assert_int_equal(pop_free_slot(test), 1);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "thread 2 1 702\n"
						      "1: lock_release 1010 0x1 0\n"
						      "2: lock_release 1020 0x2 0\n");
	test_recorded_destroy(test);
}

static void an_ended_thread_keeps_its_slot_until_its_full_chunks_have_come(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct thread_slot *slot = test_slot_begin(test, 1, 701);
	struct test_chunk first = test_chunk_begin(test, 1, 0, 1), second = test_chunk_begin(test, 1, 1, 2);
	test_chunk_put(&first, 1010, 1);
	test_chunk_put(&second, 1110, 2);
	test_chunk_write_here(test, &second);
	slot->state = SLOT_ENDED;
	assert_int_equal(drain(test), 0);
	assert_int_equal(slot->state, SLOT_ENDED);
	test_chunk_hand_over(test, &first);
	assert_int_equal(drain(test), 2);
	assert_int_equal(slot->state, SLOT_FREE);
	test_recorded_destroy(test);
}

/* --- after the process is gone --------------------------------------------------------------------------------------- */

static void a_killed_process_leaves_chunks_on_no_list(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunks[3];
	for (uint32_t i = 0; i < 3; i++) {
		chunks[i] = test_chunk_begin(test, 1, i, 3 - i);
		test_chunk_put(&chunks[i], 1010 + 100 * i, i + 1);
	}
	test_chunk_write_here(test, &chunks[0]);
	assert_int_equal(drain(test), 1);
	test_chunk_put(&chunks[0], 1020, 9);
	/* Killed between two steps: the full ones were not handed over. */
	test_chunk_write_here(test, &chunks[2]);
	assert_int_equal(drain(test), 0);
	assert_int_equal(drain_rest(&test->recorded, &test->journal), 3);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "1: lock_release 1010 0x1 0\n"
						      "1: lock_release 1020 0x9 0\n"
						      "1: lock_release 1110 0x2 0\n"
						      "1: lock_release 1210 0x3 0\n");
	test_recorded_destroy(test);
}

static void what_was_read_before_is_not_read_again_at_the_end(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	/* A thread that ended, one that lives, and one whose chunk was handed over and is free. */
	struct thread_slot *ended = test_slot_begin(test, 1, 701);
	test_slot_begin(test, 2, 702);
	struct test_chunk chunks[4];
	chunks[0] = test_chunk_begin(test, 1, 0, 1);
	for (uint32_t i = 1; i < 4; i++)
		chunks[i] = test_chunk_begin(test, 2, i - 1, i + 1);
	for (uint32_t i = 0; i < 4; i++)
		test_chunk_put(&chunks[i], 1010 + i, i + 1);
	test_chunk_write_here(test, &chunks[0]);
	ended->state = SLOT_ENDED;
	test_chunk_hand_over(test, &chunks[1]);
	test_chunk_hand_over(test, &chunks[2]);
	test_chunk_write_here(test, &chunks[3]);
	assert_int_equal(drain(test), 4);
	assert_int_equal(drain_rest(&test->recorded, &test->journal), 0);
	assert_int_equal(drain_rest(&test->recorded, &test->journal), 0);
	test_recorded_destroy(test);
}

static void the_last_user_of_a_slot_is_not_mixed_with_the_one_before(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct thread_slot *slot = test_slot_begin(test, 1, 701);
	struct test_chunk old = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&old, 1010, 1);
	test_chunk_write_here(test, &old);
	slot->state = SLOT_ENDED;
	drain(test);
	test_slot_begin(test, 1, 702);
	struct test_chunk young = test_chunk_begin(test, 1, 0, 2);
	test_chunk_put(&young, 1020, 2);
	assert_int_equal(drain_rest(&test->recorded, &test->journal), 1);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "thread 2 1 702\n"
						      "1: lock_release 1010 0x1 0\n"
						      "2: lock_release 1020 0x2 0\n");
	test_recorded_destroy(test);
}

/* --- losses ---------------------------------------------------------------------------------------------------------- */

static void losses_are_told_by_how_many_more_there_are(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	header_of(test)->lost[LOSS_NO_CHUNK] = 5;
	header_of(test)->lost[LOSS_NESTED] = 1;
	drain(test);
	header_of(test)->lost[LOSS_NO_CHUNK] = 7;
	drain(test);
	header_of(test)->lost[LOSS_NO_THREAD_SLOT] = 2;
	header_of(test)->lost[LOSS_CLOCK_CHANGED] = 3;
	drain_rest(&test->recorded, &test->journal);
	assert_int_equal(test->journal.lost_events, 13);
	assert_string_equal(test_recorded_tell(test), "lost 1 \"arena_full\" 5\n"
						      "lost 1 \"signal_in_write\" 1\n"
						      "lost 1 \"arena_full\" 2\n"
						      "lost 1 \"too_many_threads\" 2\n"
						      "lost 1 \"clock_changed\" 3\n");
	test_recorded_destroy(test);
}

/* --- an enemy in the arena -------------------------------------------------------------------------------------------- */

static void bytes_that_do_not_decode_end_the_reading_of_their_chunk(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_write_here(test, &chunk);
	test_chunk_put(&chunk, 1010, 1);
	*chunk.cursor.at++ = 0x7f; /* no such event */
	test_chunk_put(&chunk, 1020, 2);
	assert_int_equal(drain(test), 1);
	test_chunk_put(&chunk, 1030, 3); /* relative to what nobody could read */
	assert_int_equal(drain(test), 0);
	struct test_chunk next = test_chunk_begin(test, 1, 1, 2);
	test_chunk_put(&next, 1110, 4);
	test_chunk_write_here(test, &next);
	test_chunk_hand_over(test, &chunk);
	assert_int_equal(drain(test), 1);
	assert_int_equal(test->journal.lost_events, 1);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "lost 1 \"malformed\" 1\n"
						      "1: lock_release 1010 0x1 0\n"
						      "1: lock_release 1110 0x4 0\n");
	test_recorded_destroy(test);
}

static void an_event_cut_by_what_was_committed_is_malformed(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&chunk, 1010, 1);
	test_chunk_put(&chunk, 1020, 0x123456789);
	chunk.chunk->committed -= 2;
	test_chunk_write_here(test, &chunk);
	assert_int_equal(drain(test), 1);
	assert_int_equal(test->journal.lost_events, 1);
	test_recorded_destroy(test);
}

static void chunks_that_cannot_be_are_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint32_t slot, committed;
	} cases[] = {
		{"slot 0", 0, 5},
		{"a slot that is none", ARENA_SIZE_MIN / 2048 + 1, 5},
		{"the slot of no number", UINT32_MAX, 5},
		{"a byte more than fits", 1, CHUNK_EVENT_BYTES + 1},
		{"more than fits", 1, UINT32_MAX},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int is_full = 0; is_full < 2; is_full++) {
			struct test_recorded *test = test_recorded_create();
			test_slot_begin(test, 1, 701);
			struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
			test_chunk_put(&chunk, 1010, 1);
			if (is_full)
				test_chunk_hand_over(test, &chunk);
			else
				test_chunk_write_here(test, &chunk);
			chunk.chunk->thread = cases[i].slot;
			chunk.chunk->committed = cases[i].committed;
			drain(test);
			drain_rest(&test->recorded, &test->journal);
			if (*test_recorded_tell(test))
				fail_msg("%s: %s", cases[i].what, test->text);
			test_recorded_destroy(test);
		}
	}
}

static void a_thread_that_writes_into_anothers_chunk_gets_nothing(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	test_slot_begin(test, 2, 702);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&chunk, 1010, 1);
	test_chunk_write_here(test, &chunk);
	arena_thread(&test->recorded.shared.arena, 2)->chunk = 1;
	assert_int_equal(drain(test), 1);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "1: lock_release 1010 0x1 0\n");
	test_recorded_destroy(test);
}

static void a_list_that_is_a_circle_is_read_once(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk first = test_chunk_begin(test, 1, 0, 1), second = test_chunk_begin(test, 1, 1, 2);
	test_chunk_put(&first, 1010, 1);
	test_chunk_put(&second, 1110, 2);
	test_chunk_hand_over(test, &first);
	test_chunk_hand_over(test, &second);
	first.chunk->next = 2;
	assert_in_range(drain(test), 1, 2);
	test_recorded_destroy(test);
}

static void a_list_that_leads_nowhere_ends_there(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	test_chunk_put(&chunk, 1010, 1);
	test_chunk_hand_over(test, &chunk);
	chunk.chunk->next = UINT32_MAX;
	assert_int_equal(drain(test), 1);
	header_of(test)->full_chunks = UINT32_MAX;
	assert_int_equal(drain(test), 0);
	test_recorded_destroy(test);
}

static void numbers_of_use_that_cannot_be_are_cut_to_what_there_is(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct arena_header *header = header_of(test);
	header->threads_used = header->chunks_used = header->nodes_used = UINT32_MAX;
	assert_int_equal(drain(test), 0);
	assert_int_equal(drain_rest(&test->recorded, &test->journal), 0);
	test_recorded_destroy(test);
}

static void generations_that_go_back_are_of_earlier_users(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk now = test_chunk_begin(test, 1, 0, 1), before = test_chunk_begin(test, 1, 0, 2),
			  after = test_chunk_begin(test, 1, 0, 3);
	test_chunk_put(&now, 1010, 1);
	test_chunk_put(&before, 1020, 2);
	test_chunk_put(&after, 1030, 3);
	before.chunk->generation -= 1;
	after.chunk->generation += 1;
	test_chunk_hand_over(test, &now);
	test_chunk_hand_over(test, &before);
	test_chunk_hand_over(test, &after);
	assert_int_equal(drain(test), 2);
	test_chunk_hand_over(test, &before);
	assert_int_equal(drain(test), 0);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "thread 2 1 701\n"
						      "1: lock_release 1010 0x1 0\n"
						      "2: lock_release 1030 0x3 0\n");
	test_recorded_destroy(test);
}

/* --- what else events tell the agent ---------------------------------------------------------------------------------- */

static void a_thread_tells_its_own_name_when_it_ends(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	event_put_thread_own_name(&chunk.cursor, 1010, "worker", 6);
	event_put_thread_own_name(&chunk.cursor, 1020, "worker", 6);
	event_put_thread_own_name(&chunk.cursor, 1030, "a name of an enemy", 18);
	test_chunk_commit(&chunk);
	test_chunk_write_here(test, &chunk);
	assert_int_equal(drain(test), 3);
	assert_string_equal(test_recorded_tell(test), "thread 1 1 701\n"
						      "thread_name 1 \"worker\"\n"
						      "thread_name 1 \"a name of an en\"\n"
						      "1: thread_own_name 1010 \"worker\"\n"
						      "1: thread_own_name 1020 \"worker\"\n"
						      "1: thread_own_name 1030 \"a name of an enemy\"\n");
	test_recorded_destroy(test);
}

/* The clock of the first fact of this type. */
static enum trace_clock clock_of_fact(struct test_recorded *test, uint16_t number, uint64_t *out_time)
{
	test_recorded_tell(test);
	struct trace_bytes bytes = {test->file.bytes, test->file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	struct event event;
	const struct trace_slice *slice;
	int found;
	while ((found = trace_reader_next(reader, &event, &slice, NULL)) > 0 && event.type->number != number)
		;
	assert_int_equal(found, 1);
	enum trace_clock clock = slice->clock;
	*out_time = event.time;
	trace_reader_close(reader);
	return clock;
}

/* The kernel changed its clock: chunks of before are still of the old one, and so are the times in them. */
static void a_descriptor_is_named_at_the_time_and_by_the_clock_of_its_event(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test_slot_begin(test, 1, 701);
	struct test_chunk chunk = test_chunk_begin(test, 1, 0, 1);
	chunk.chunk->clock = TRACE_CLOCK_TSC;
	event_put_descriptor_seen(&chunk.cursor, 1010, 7, 4, 99, NULL, 0, "pipe:[99]", 9);
	test_chunk_commit(&chunk);
	test_chunk_write_here(test, &chunk);
	drain(test);
	uint64_t time;
	assert_int_equal(clock_of_fact(test, EVENT_DESCRIPTOR_NAME, &time), TRACE_CLOCK_TSC);
	assert_int_equal(time, 1010);
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chunk_that_is_being_written_is_read_on_where_it_was_left),
		cmocka_unit_test(full_chunks_come_before_the_one_being_written),
		cmocka_unit_test(nothing_is_read_while_a_full_chunk_is_still_to_come),
		cmocka_unit_test(threads_do_not_mix),
		cmocka_unit_test(a_slot_of_an_ended_thread_is_given_back_and_its_next_user_is_another_thread),
		cmocka_unit_test(an_ended_thread_keeps_its_slot_until_its_full_chunks_have_come),
		cmocka_unit_test(a_killed_process_leaves_chunks_on_no_list),
		cmocka_unit_test(what_was_read_before_is_not_read_again_at_the_end),
		cmocka_unit_test(the_last_user_of_a_slot_is_not_mixed_with_the_one_before),
		cmocka_unit_test(losses_are_told_by_how_many_more_there_are),
		cmocka_unit_test(bytes_that_do_not_decode_end_the_reading_of_their_chunk),
		cmocka_unit_test(an_event_cut_by_what_was_committed_is_malformed),
		cmocka_unit_test(chunks_that_cannot_be_are_left_out),
		cmocka_unit_test(a_thread_that_writes_into_anothers_chunk_gets_nothing),
		cmocka_unit_test(a_list_that_is_a_circle_is_read_once),
		cmocka_unit_test(a_list_that_leads_nowhere_ends_there),
		cmocka_unit_test(numbers_of_use_that_cannot_be_are_cut_to_what_there_is),
		cmocka_unit_test(generations_that_go_back_are_of_earlier_users),
		cmocka_unit_test(a_thread_tells_its_own_name_when_it_ends),
		cmocka_unit_test(a_descriptor_is_named_at_the_time_and_by_the_clock_of_its_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
