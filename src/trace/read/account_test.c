/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/read/test_story.h"

#define MS UINT64_C(1000000)

static const uint64_t none = 0;

/* One process, `threads` threads that were created in the recording; it takes `length` ns from 0. */
static void tell_world(struct story *story, uint64_t threads, uint64_t length)
{
	tell(story, 0, EVENT_RECORDING_START, 0, 0, none, none, "./program", "/", "test");
	tell(story, 0, EVENT_PROCESS_START, 0, 0, UINT64_C(1), UINT64_C(100), UINT64_C(1), "/program",
	     "./program");
	for (uint64_t thread = 1; thread <= threads; thread++)
		tell(story, 0, EVENT_THREAD, 0, 0, thread, UINT64_C(1), 100 + thread);
	for (uint64_t thread = 1; thread <= threads; thread++)
		tell(story, thread, EVENT_THREAD_START, 0, 0, UINT64_C(99), none);
	tell(story, 0, EVENT_RECORDING_END, length, 0, none, none);
}

static void totals(struct story *story, uint64_t thread, uint64_t time, uint64_t cpu, uint64_t delay)
{
	tell(story, 0, EVENT_THREAD_TOTALS, time, 0, thread, cpu, delay, none, none);
}

static const struct lane_states *states(const struct story *story, uint32_t lane)
{
	return &story->account.threads[lane].states;
}

static void time_between_waits_is_running_as_far_as_cpu_time_says_so(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_SLEEP_WAIT, 20 * MS, 30 * MS, none);
	totals(&story, 1, 100 * MS, 50 * MS, 10 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_SLEEP), 30 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 50 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 10 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 10 * MS);
	assert_int_equal(states(&story, 0)->inferred_ns, 10 * MS);
	story_fini(&story);
}

/* A program that was started by exec finds in the totals what the one before it had used. */
static void totals_of_the_program_before_an_exec_are_not_the_new_ones(void **state)
{
	(void)state;
	struct story story = {0};
	tell(&story, 0, EVENT_RECORDING_START, 0, 0, none, none, "./program", "/", "test");
	tell(&story, 0, EVENT_PROCESS_START, 0, 0, UINT64_C(1), UINT64_C(100), UINT64_C(1), "/program",
	     "./program");
	tell(&story, 0, EVENT_THREAD, 0, 0, UINT64_C(1), UINT64_C(1), UINT64_C(100));
	tell(&story, 1, EVENT_THREAD_START, MS, 0, none, none);
	totals(&story, 1, 0, 7 * MS, 50 * MS);
	tell(&story, 0, EVENT_RECORDING_END, 100 * MS, 0, none, none);
	tell(&story, 1, EVENT_SLEEP_WAIT, 20 * MS, 60 * MS, none);
	totals(&story, 1, 100 * MS, 26 * MS, 70 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->running.inside, 19 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 20 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_SLEEP), 60 * MS);
	story_fini(&story);
}

static void totals_a_tick_late_are_made_up_in_the_next_window(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 200 * MS);
	totals(&story, 1, 100 * MS, 97 * MS, 0);
	totals(&story, 1, 200 * MS, 200 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->running.inside, 200 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 0);
	story_fini(&story);
}

static void cpu_time_inside_a_wait_is_running(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	totals(&story, 1, 0, 0, 0);
	tell(&story, 1, EVENT_DISK_WAIT, 0, 60 * MS, UINT64_C(3), none);
	totals(&story, 1, 100 * MS, 70 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_DISK), 30 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 70 * MS);
	story_fini(&story);
}

/* A thread of 1.5 ms that slept 1.2 was reported to have slept 1.0: the kernel counts from its creation. */
static void cpu_time_of_a_threads_creation_is_not_taken_from_its_waits(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 2 * MS);
	tell(&story, 1, EVENT_SLEEP_WAIT, MS / 2, MS, none);
	tell(&story, 1, EVENT_THREAD_END, 2 * MS, 0, MS + MS / 5, UINT64_C(1), none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_SLEEP), MS);
	assert_int_equal(states(&story, 0)->running.inside, MS);
	story_fini(&story);
}

/* The agent reads the delay of a thread when that is gone: after its end it may have waited for a CPU once more. */
static void delay_of_a_threads_end_is_not_taken_from_its_waits(void **state)
{
	(void)state;
	static const struct {
		uint64_t involuntary_later, runnable_ms;
	} cases[] = {{1, 30}, {2, 0}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct story story = {0};
		tell_world(&story, 1, 200 * MS);
		totals(&story, 1, 10 * MS, 10 * MS, 0);
		tell(&story, 1, EVENT_POLL_WAIT, 10 * MS, 80 * MS, UINT64_C(3), none);
		tell(&story, 1, EVENT_THREAD_END, 90 * MS, 0, 10 * MS, UINT64_C(1), UINT64_C(1));
		tell(&story, 0, EVENT_THREAD_TOTALS, 130 * MS, 0, UINT64_C(1), 12 * MS, 30 * MS, UINT64_C(2),
		     cases[i].involuntary_later);
		story_end(&story, 0, UINT64_MAX);
		assert_int_equal(states(&story, 0)->runnable.inside, cases[i].runnable_ms * MS);
		assert_int_equal(story_waiting(&story, 0, WAIT_POLL), (80 - cases[i].runnable_ms) * MS);
		assert_int_equal(states(&story, 0)->running.inside, 10 * MS);
		story_fini(&story);
	}
}

/* Between the welcome, when its totals are read, and its first event the thread had to get a CPU again. */
static void delay_before_the_first_event_of_a_process_is_not_taken_from_its_waits(void **state)
{
	(void)state;
	struct story story = {0};
	tell(&story, 0, EVENT_RECORDING_START, 0, 0, none, none, "./program", "/", "test");
	tell(&story, 0, EVENT_PROCESS_START, 10 * MS, 0, UINT64_C(1), UINT64_C(100), UINT64_C(1), "/program",
	     "./program");
	tell(&story, 0, EVENT_THREAD, 50 * MS, 0, UINT64_C(1), UINT64_C(1), UINT64_C(100));
	totals(&story, 1, 10 * MS, 5 * MS, 5 * MS);
	tell(&story, 1, EVENT_THREAD_START, 20 * MS, 0, none, none);
	tell(&story, 1, EVENT_POLL_WAIT, 20 * MS, 70 * MS, UINT64_C(3), none);
	totals(&story, 1, 100 * MS, (5 + 12) * MS, (5 + 8) * MS);
	tell(&story, 0, EVENT_PROCESS_END, 100 * MS, 0, UINT64_C(1));
	tell(&story, 0, EVENT_RECORDING_END, 100 * MS, 0, none, none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_POLL), 70 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 8 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 12 * MS);
	story_fini(&story);
}

static void thread_without_totals_is_unknown_between_its_waits(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_SLEEP_WAIT, 10 * MS, 20 * MS, none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->unknown.inside, 80 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 0);
	story_fini(&story);
}

static void killed_thread_is_unknown_behind_its_last_event(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 1000 * MS);
	totals(&story, 1, 100 * MS, 100 * MS, 0);
	tell(&story, 1, EVENT_SLEEP_WAIT, 150 * MS, 50 * MS, none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->running.inside, 150 * MS);
	assert_int_equal(states(&story, 0)->inferred_ns, 50 * MS);
	assert_int_equal(states(&story, 0)->unknown.inside, 800 * MS);
	story_fini(&story);
}

static void thread_that_told_no_totals_for_long_was_still_waiting(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 5000 * MS);
	totals(&story, 1, 1000 * MS, 1000 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 3000 * MS);
	assert_int_equal(states(&story, 0)->unknown.inside, 1000 * MS);
	story_fini(&story);
}

static void release_that_comes_blocks_later_in_the_file_ends_the_wait(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 2, 100 * MS);
	tell(&story, 1, EVENT_LOCK_WAIT, 10 * MS, 40 * MS, UINT64_C(0x1000), UINT64_C(7));
	story.block = 1;
	tell(&story, 2, EVENT_LOCK_RELEASE, 45 * MS, 0, UINT64_C(0x1000), UINT64_C(9));
	story.block = 5;
	tell(&story, 2, EVENT_LOCK_RELEASE, 99 * MS, 0, UINT64_C(0x1000), UINT64_C(9));
	totals(&story, 1, 100 * MS, 60 * MS, 5 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_LOCK), 35 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 5 * MS);
	assert_int_equal(states(&story, 0)->inferred_ns, 0);
	assert_int_equal(story.ledger.sites.waker_count, 1);
	assert_int_equal(story.ledger.sites.wakers[0].stack, 9);
	assert_int_equal(story.ledger.sites.wakers[0].caused_ns, 35 * MS);
	story_fini(&story);
}

/* A lock was reported as held by those who only passed it on: each waiter of a convoy is woken by the one before it. */
static void wait_in_a_convoy_is_put_down_to_the_one_who_held_the_lock_long(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 3, 100 * MS);
	tell(&story, 2, EVENT_LOCK_RELEASE, 45 * MS, 0, UINT64_C(0x1000), UINT64_C(8));
	tell(&story, 3, EVENT_LOCK_RELEASE, 46 * MS, 0, UINT64_C(0x1000), UINT64_C(9));
	tell(&story, 1, EVENT_LOCK_WAIT, 10 * MS, 40 * MS, UINT64_C(0x1000), UINT64_C(7));
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_LOCK), 36 * MS);
	const struct wait_waker *wakers = story.ledger.sites.wakers;
	assert_int_equal(story.ledger.sites.waker_count, 2);
	assert_int_equal(wakers[0].stack, 9);
	assert_int_equal(wakers[0].count, 1);
	assert_int_equal(wakers[0].caused_ns, MS);
	assert_int_equal(wakers[1].stack, 8);
	assert_int_equal(wakers[1].count, 0);
	assert_int_equal(wakers[1].caused_ns, 35 * MS);
	story_fini(&story);
}

static void own_release_and_that_of_another_process_end_no_wait(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 0, EVENT_THREAD, 0, 0, UINT64_C(2), UINT64_C(2), UINT64_C(200));
	tell(&story, 1, EVENT_LOCK_WAIT, 10 * MS, 40 * MS, UINT64_C(0x1000), none);
	tell(&story, 1, EVENT_LOCK_RELEASE, 30 * MS, 0, UINT64_C(0x1000), none);
	tell(&story, 2, EVENT_LOCK_RELEASE, 30 * MS, 0, UINT64_C(0x1000), none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_LOCK), 40 * MS);
	assert_int_equal(story.ledger.sites.waker_count, 0);
	story_fini(&story);
}

static void condition_is_waited_for_then_its_mutex_then_a_cpu(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 2, 100 * MS);
	tell(&story, 2, EVENT_CONDITION_SIGNAL, 30 * MS, 0, UINT64_C(0x2000), UINT64_C(8));
	tell(&story, 2, EVENT_LOCK_RELEASE, 55 * MS, 0, UINT64_C(0x1000), UINT64_C(9));
	tell(&story, 1, EVENT_CONDITION_WAIT, 10 * MS, 50 * MS, UINT64_C(0x2000), UINT64_C(0x1000),
	     UINT64_C(7));
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_CONDITION), 20 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_LOCK), 25 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 5 * MS);
	story_fini(&story);
}

static void signal_to_another_before_a_time_out_does_not_make_the_wait_runnable(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 2, 1000 * MS);
	tell(&story, 2, EVENT_CONDITION_SIGNAL, 20 * MS, 0, UINT64_C(0x2000), none);
	tell(&story, 1, EVENT_CONDITION_WAIT, 10 * MS, 900 * MS, UINT64_C(0x2000), none, none);
	totals(&story, 1, 1000 * MS, 100 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_true(states(&story, 0)->runnable.inside < 10 * MS);
	assert_true(story_waiting(&story, 0, WAIT_CONDITION) > 890 * MS);
	story_fini(&story);
}

static void gap_of_involuntary_switches_is_runnable(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_GAP, 10 * MS, 40 * MS, 8 * MS, none, UINT64_C(2), none, none);
	totals(&story, 1, 100 * MS, 92 * MS, 8 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->runnable.inside, 8 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 92 * MS);
	assert_int_equal(states(&story, 0)->inferred_ns, 0);
	story_fini(&story);
}

static void gap_of_voluntary_switches_is_unseen_or_a_fault(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_GAP, 10 * MS, 20 * MS, 8 * MS, UINT64_C(1), none, none, none);
	tell(&story, 1, EVENT_GAP, 40 * MS, 20 * MS, 5 * MS, UINT64_C(1), none, UINT64_C(1), none);
	totals(&story, 1, 100 * MS, 87 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 8 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_FAULT), 5 * MS);
	story_fini(&story);
}

static void gap_of_both_is_unseen_but_for_the_run_queue_delay(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_GAP, 10 * MS, 40 * MS, 20 * MS, UINT64_C(1), UINT64_C(1), none, none);
	totals(&story, 1, 100 * MS, 80 * MS, 7 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->runnable.inside, 7 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 13 * MS);
	story_fini(&story);
}

static void quota_takes_from_the_time_without_a_cpu(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 1000 * MS);
	tell(&story, 0, EVENT_THROTTLED, 0, 0, UINT64_C(1), 5000 * MS);
	tell(&story, 0, EVENT_THROTTLED, 1000 * MS, 0, UINT64_C(1), 5600 * MS);
	totals(&story, 1, 1000 * MS, 200 * MS, 800 * MS);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(states(&story, 0)->running.inside, 200 * MS);
	assert_int_equal(states(&story, 0)->throttled.inside, 600 * MS);
	assert_int_equal(states(&story, 0)->runnable.inside, 200 * MS);
	story_fini(&story);
}

static void gap_that_a_handler_finds_inside_a_wait_is_that_wait(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_GAP, 10 * MS, 50 * MS, 50 * MS, UINT64_C(1), none, none, none);
	tell(&story, 1, EVENT_POLL_WAIT, 10 * MS, 51 * MS, UINT64_C(3), none);
	totals(&story, 1, 100 * MS, 49 * MS, none);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_POLL), 51 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_UNSEEN), 0);
	story_fini(&story);
}

static void wait_of_a_signal_handler_lies_within_the_wait_that_it_interrupts(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_DISK_WAIT, 30 * MS, 10 * MS, UINT64_C(3), none);
	tell(&story, 1, EVENT_POLL_WAIT, 10 * MS, 60 * MS, UINT64_MAX, none);
	totals(&story, 1, 100 * MS, 40 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story_waiting(&story, 0, WAIT_DISK), 10 * MS);
	assert_int_equal(story_waiting(&story, 0, WAIT_POLL), 50 * MS);
	assert_int_equal(states(&story, 0)->running.inside, 40 * MS);
	story_fini(&story);
}

static void start_inferred_concerns_the_next_range_alone(void **state)
{
	(void)state;
	struct story story = {0};
	tell_world(&story, 1, 100 * MS);
	tell(&story, 1, EVENT_START_INFERRED, 20 * MS, 0);
	tell(&story, 1, EVENT_NETWORK_WAIT, 10 * MS, 10 * MS, UINT64_C(3), none);
	tell(&story, 1, EVENT_NETWORK_WAIT, 30 * MS, 10 * MS, UINT64_C(3), none);
	totals(&story, 1, 100 * MS, 80 * MS, 0);
	story_end(&story, 0, UINT64_MAX);
	assert_int_equal(story.ledger.sites.sites[0].inferred_ns, 10 * MS);
	assert_int_equal(story.ledger.sites.sites[0].count, 2);
	story_fini(&story);
}

/* --- any events whatever ------------------------------------------------------------------------------------------ */

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

static void tell_anything(struct story *story, uint64_t thread, uint64_t *now)
{
	uint64_t start = *now > 5 * MS ? *now - random_below(5 * MS) : *now;
	uint64_t duration = random_below(20) ? random_below(10 * MS) : random_below(300 * MS);
	uint64_t object = 0x1000 + random_below(3), stack = random_below(4);
	if (start + duration < *now)
		duration = *now - start;
	*now = start + duration;
	switch (random_below(10)) {
	case 0:
		tell(story, thread, EVENT_LOCK_WAIT, start, duration, object, stack);
		break;
	case 1:
		tell(story, thread, EVENT_CONDITION_WAIT, start, duration, object, object + 1, stack);
		break;
	case 2:
		tell(story, thread, EVENT_GAP, start, duration, random_below(2 * duration + 1),
		     random_below(3), random_below(3), random_below(2), stack);
		break;
	case 3:
		tell(story, thread, EVENT_LOCK_RELEASE, *now, 0, object, stack);
		break;
	case 4:
		tell(story, thread, EVENT_CONDITION_BROADCAST, *now, 0, object, stack);
		break;
	case 5:
		tell(story, thread, EVENT_START_INFERRED, *now, 0);
		break;
	case 6:
		totals(story, thread, random_below(2) ? *now : random_below(1000 * MS),
		       random_below(2 * *now + 1), random_below(*now + 1));
		break;
	case 7:
		tell(story, 0, EVENT_THROTTLED, *now, 0, UINT64_C(1), random_below(*now + 1));
		break;
	case 8:
		if (random_below(30) == 0)
			tell(story, thread, EVENT_THREAD_END, *now, 0, random_below(2 * *now + 1),
			     random_below(9), none);
		break;
	case 9:
		tell(story, thread, EVENT_POLL_WAIT, start, duration, random_below(3), stack);
		break;
	}
}

static void check_partition(const struct story *story, uint64_t seed)
{
	for (uint32_t i = 0; i < story->account.thread_count; i++) {
		const struct thread_time *lane = &story->account.threads[i];
		const struct lane_states *sums = &lane->states;
		struct amount sum = {0};
		uint64_t inferred_ns = sums->inferred_ns;
		amount_add(&sum, sums->running);
		amount_add(&sum, sums->runnable);
		amount_add(&sum, sums->throttled);
		amount_add(&sum, sums->unknown);
		for (size_t j = 0; j < story->ledger.sites.count; j++) {
			const struct wait_site *site = &story->ledger.sites.sites[j];
			if (site->group != i)
				continue;
			amount_add(&sum, site->blocked);
			inferred_ns += site->inferred_ns;
			if (site->inferred_ns > site->blocked.inside)
				fail_msg("seed %lu: more of a site is inferred than there is",
					 (unsigned long)seed);
		}
		struct amount life = thread_time_span(lane, &story->account.world);
		if (sum.all != life.all || sum.inside != life.inside)
			fail_msg("seed %lu, lane %u: the parts sum to %lu (%lu inside), the lane took %lu "
				 "(%lu)",
				 (unsigned long)seed, i, (unsigned long)sum.all, (unsigned long)sum.inside,
				 (unsigned long)life.all, (unsigned long)life.inside);
		if (inferred_ns > life.inside - sums->unknown.inside)
			fail_msg("seed %lu, lane %u: more is inferred than there is", (unsigned long)seed, i);
	}
}

static void states_partition_time_whatever_the_events_are(void **state)
{
	(void)state;
	enum { STORIES = 3000, THREADS = 4 };
	uint64_t seed = (uint64_t)time(NULL);
	if (getenv("SEED"))
		seed = strtoull(getenv("SEED"), NULL, 10);
	print_message("SEED=%lu\n", (unsigned long)seed);
	for (int i = 0; i < STORIES; i++, seed++) {
		random_state = seed;
		struct story story = {0};
		tell_world(&story, THREADS, 1000 * MS);
		uint64_t now[THREADS + 1] = {0};
		for (uint64_t n = random_below(300); n > 0; n--) {
			uint64_t thread = 1 + random_below(THREADS);
			if (random_below(15) == 0)
				story.block++;
			tell_anything(&story, thread, &now[thread]);
		}
		uint64_t from = random_below(2) ? 0 : random_below(900 * MS);
		story_end(&story, from, from + 1 + random_below(1100 * MS));
		check_partition(&story, seed);
		story_fini(&story);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_between_waits_is_running_as_far_as_cpu_time_says_so),
		cmocka_unit_test(totals_of_the_program_before_an_exec_are_not_the_new_ones),
		cmocka_unit_test(totals_a_tick_late_are_made_up_in_the_next_window),
		cmocka_unit_test(cpu_time_inside_a_wait_is_running),
		cmocka_unit_test(cpu_time_of_a_threads_creation_is_not_taken_from_its_waits),
		cmocka_unit_test(delay_of_a_threads_end_is_not_taken_from_its_waits),
		cmocka_unit_test(delay_before_the_first_event_of_a_process_is_not_taken_from_its_waits),
		cmocka_unit_test(thread_without_totals_is_unknown_between_its_waits),
		cmocka_unit_test(killed_thread_is_unknown_behind_its_last_event),
		cmocka_unit_test(thread_that_told_no_totals_for_long_was_still_waiting),
		cmocka_unit_test(release_that_comes_blocks_later_in_the_file_ends_the_wait),
		cmocka_unit_test(wait_in_a_convoy_is_put_down_to_the_one_who_held_the_lock_long),
		cmocka_unit_test(own_release_and_that_of_another_process_end_no_wait),
		cmocka_unit_test(condition_is_waited_for_then_its_mutex_then_a_cpu),
		cmocka_unit_test(signal_to_another_before_a_time_out_does_not_make_the_wait_runnable),
		cmocka_unit_test(gap_of_involuntary_switches_is_runnable),
		cmocka_unit_test(gap_of_voluntary_switches_is_unseen_or_a_fault),
		cmocka_unit_test(gap_of_both_is_unseen_but_for_the_run_queue_delay),
		cmocka_unit_test(quota_takes_from_the_time_without_a_cpu),
		cmocka_unit_test(gap_that_a_handler_finds_inside_a_wait_is_that_wait),
		cmocka_unit_test(wait_of_a_signal_handler_lies_within_the_wait_that_it_interrupts),
		cmocka_unit_test(start_inferred_concerns_the_next_range_alone),
		cmocka_unit_test(states_partition_time_whatever_the_events_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
