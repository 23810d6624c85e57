/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "runtime/core/syscall.h"
#include "runtime/wait/off_cpu.h"
#include "runtime/wait/wait.h"

enum { MILLISECOND = 1000000, SLEEP_NS = 20 * MILLISECOND };

static struct test_events events;
static const struct wait_object a_pipe = {.event = EVENT_PIPE_WAIT, .object = 9};
static const struct wait_object a_sleep = {.event = EVENT_SLEEP_WAIT};

/* What hooks do not see: a wait by a bare system call. Returns how long it took by the monotonic clock. */
static uint64_t sleep_unseen(uint64_t nanoseconds)
{
	struct timespec how_long = {.tv_nsec = (long)nanoseconds};
	uint64_t start = clock_monotonic_ns();
	syscall_3(SYS_nanosleep, (long)&how_long, 0, 0);
	return clock_monotonic_ns() - start;
}

/* On the CPU, by the CPU clock. */
static void run_for(uint64_t nanoseconds)
{
	uint64_t end = syscall_thread_cpu_ns() + nanoseconds;
	while (syscall_thread_cpu_ns() < end)
		;
}

/* The last event of the calling thread. */
static const struct event *last_event(const struct thread *thread)
{
	test_events_read(thread->slot, &events);
	return &events.events[events.count - 1];
}

/* --- off_cpu ----------------------------------------------------------------------------------------------------- */

static void an_account_finds_time_off_the_cpu_that_nobody_timed(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	uint64_t wall = clock_monotonic_ns(), cpu = syscall_thread_cpu_ns();
	thread->last_ticks = thread->base_ticks;
	run_for(3 * MILLISECOND);
	sleep_unseen(SLEEP_NS);
	struct off_cpu off = off_cpu_account(thread);
	uint64_t expected = clock_monotonic_ns() - wall - (syscall_thread_cpu_ns() - cpu);
	assert_in_range(off.ticks, expected - expected / 100 - 100000, expected + expected / 100 + 100000);
	assert_in_range(off.ticks, SLEEP_NS - 100000, UINT64_MAX);
	assert_in_range(off.voluntary, 1, 3);
	assert_int_equal(off.now, thread->base_ticks);

	/* The account is settled: the same time is not found again. */
	off = off_cpu_account(thread);
	assert_in_range(off.ticks, 0, SLEEP_NS / 2);
	assert_int_equal(off.voluntary, 0);
	test_process_end();
}

static void time_that_was_timed_is_not_counted_again(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	thread->last_ticks = thread->base_ticks;
	uint64_t wall = clock_monotonic_ns(), cpu = syscall_thread_cpu_ns();
	uint64_t timed = sleep_unseen(SLEEP_NS);
	off_cpu_add_wait(thread, timed);
	uint64_t untimed = sleep_unseen(SLEEP_NS / 4);
	assert_int_equal(off_cpu_voluntary(thread), 1);
	struct off_cpu off = off_cpu_account(thread);
	uint64_t expected = clock_monotonic_ns() - wall - (syscall_thread_cpu_ns() - cpu) - timed;
	assert_in_range(off.ticks, untimed - untimed / 10, expected + 200000);
	assert_int_equal(off.voluntary, 1);
	test_process_end();
}

static void no_account_reaches_behind_the_last_moment_on_the_cpu(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	sleep_unseen(SLEEP_NS);
	thread->last_ticks = thread_ticks(thread);
	struct off_cpu off = off_cpu_account(thread);
	assert_in_range(off.ticks, 0, off.now - thread->last_ticks);
	test_process_end();
}

static void running_is_not_off_the_cpu(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	thread->last_ticks = thread->base_ticks;
	uint64_t wall = clock_monotonic_ns(), cpu = syscall_thread_cpu_ns();
	run_for(5 * MILLISECOND);
	struct off_cpu off = off_cpu_account(thread);
	uint64_t taken = clock_monotonic_ns() - wall - (syscall_thread_cpu_ns() - cpu); /* by others */
	assert_in_range(off.ticks, 0, taken + 100000);
	assert_int_equal(off.voluntary, 0);
	test_process_end();
}

static void an_account_is_refreshed_once_it_is_a_millisecond_old(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	uint64_t base = thread->base_ticks;
	off_cpu_refresh(thread, base + MILLISECOND - 1);
	assert_int_equal(thread->base_ticks, base);
	off_cpu_refresh(thread, base + MILLISECOND);
	assert_in_range(thread->base_ticks, base + 1, UINT64_MAX);
	test_process_end();
}

static void accounts_are_settled_after_64_waits(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	for (int i = 1; i < 64; i++) {
		off_cpu_add_wait(thread, 10);
		assert_int_equal(thread->left_calls, i);
		assert_int_equal(thread->waited_ticks, 10 * i);
	}
	off_cpu_add_wait(thread, 10);
	assert_int_equal(thread->left_calls, 0);
	assert_int_equal(thread->waited_ticks, 0);
	test_process_end();
}

static void the_cpu_time_inside_waits_is_learnt(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	uint64_t start = clock_monotonic_ns();
	for (int i = 0; i < 64; i++) {
		uint64_t from = thread_ticks(thread);
		run_for(50000); /* entering and leaving the kernel, much exaggerated */
		off_cpu_add_wait(thread, thread_ticks(thread) - from);
	}
	uint64_t each = (clock_monotonic_ns() - start) / 64;
	assert_in_range(thread->wait_cpu_ticks, 25000, each);
	test_process_end();
}

/* --- wait -------------------------------------------------------------------------------------------------------- */

static void a_timed_wait_is_told_from_start_to_end(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	uint64_t start = wait_start(thread);
	assert_int_equal(thread->last_ticks, start);
	uint64_t slept = sleep_unseen(SLEEP_NS);
	errno = EINTR;
	wait_end(thread, start, a_sleep, __builtin_frame_address(0));
	assert_int_equal(errno, EINTR);
	const struct event *wait = last_event(thread);
	assert_int_equal(wait->type->number, EVENT_SLEEP_WAIT);
	assert_int_equal(wait->time - wait->duration, start);
	assert_in_range(wait->duration, slept, slept + SLEEP_NS);
	assert_int_not_equal(wait->values[EVENT_SLEEP_WAIT_STACK].number, 0);
	assert_int_equal(thread->last_ticks, wait->time);
	assert_int_equal(thread->waited_ticks, wait->duration);
	test_process_end();
}

static void a_look_after_a_wait_says_that_the_cpu_was_not_left_since(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	if (thread->is_blind) {
		print_message("this kernel or C library has no rseq area: nothing to look at\n");
		skip();
	}
	sleep_unseen(MILLISECOND);
	assert_true(left_cpu_look());
	bool is_fresh = false;
	for (int i = 0; i < 1000 && !is_fresh; i++) { /* the CPU may be taken away at any moment */
		wait_end(thread, thread_ticks(thread), a_sleep, __builtin_frame_address(0));
		is_fresh = !left_cpu_look();
	}
	assert_true(is_fresh);
	test_process_end();
}

static void short_waits_are_counted_and_told_with_the_next_long_one(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = 1000 * (uint64_t)MILLISECOND;
	for (int i = 0; i < 3; i++)
		wait_end(thread, thread_ticks(thread), a_sleep, __builtin_frame_address(0));
	assert_int_equal(thread->short_count, 3);
	assert_string_equal(test_events_told(thread->slot, 1), "");
	uint64_t together = thread->short_ticks;
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = 0;
	wait_end(thread, thread_ticks(thread), a_sleep, __builtin_frame_address(0));
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 3);
	assert_int_equal(events.events[1].type->number, EVENT_SHORT_WAITS);
	assert_int_equal(events.events[1].values[EVENT_SHORT_WAITS_COUNT].number, 3);
	assert_int_equal(events.events[1].values[EVENT_SHORT_WAITS_TOTAL].number, together);
	assert_int_equal(events.events[2].type->number, EVENT_SLEEP_WAIT);
	assert_int_equal(thread->short_count, 0);
	assert_int_equal(thread->short_ticks, 0);
	test_process_end();
}

/* A condition wait sleeps for the condition and then for the lock: two switches, one wait. */
static void switches_of_one_wait_are_not_taken_for_another(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	static const enum event_number kinds[] = {EVENT_CONDITION_WAIT, EVENT_LOCK_WAIT};
	for (int i = 0; i < 2; i++) {
		uint64_t start = wait_start(thread);
		sleep_unseen(MILLISECOND);
		sleep_unseen(MILLISECOND);
		wait_end(thread, start, (struct wait_object){.event = kinds[i]}, __builtin_frame_address(0));
		assert_int_equal(off_cpu_voluntary(thread), 0);
	}
	sleep_unseen(MILLISECOND);
	assert_int_equal(off_cpu_voluntary(thread), 1);
	test_process_end();
}

static void each_kind_of_wait_has_its_event_and_object(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = 0;
	static const enum event_number kinds[] = {
		EVENT_LOCK_WAIT, EVENT_CONDITION_WAIT, EVENT_POLL_WAIT, EVENT_NETWORK_WAIT, EVENT_PIPE_WAIT,
		EVENT_DISK_WAIT, EVENT_CHILD_WAIT,     EVENT_JOIN_WAIT, EVENT_OTHER_WAIT,   EVENT_SLEEP_WAIT};
	size_t count = sizeof kinds / sizeof *kinds;
	for (size_t i = 0; i < count; i++)
		wait_end(thread, thread_ticks(thread),
			 (struct wait_object){.event = kinds[i], .object = 40 + i, .mutex = 50},
			 __builtin_frame_address(0));
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 1 + count);
	for (size_t i = 0; i < count; i++) {
		const struct event *event = &events.events[1 + i];
		assert_int_equal(event->type->number, kinds[i]);
		if (kinds[i] != EVENT_SLEEP_WAIT)
			assert_int_equal(event->values[0].number, 40 + i);
		if (kinds[i] == EVENT_CONDITION_WAIT)
			assert_int_equal(event->values[EVENT_CONDITION_WAIT_MUTEX].number, 50);
	}
	test_process_end();
}

static void a_gap_says_how_long_and_that_it_was_blocked(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	thread->last_ticks = thread_ticks(thread);
	uint64_t start = thread->last_ticks;
	run_for(2 * MILLISECOND);
	uint64_t slept = sleep_unseen(SLEEP_NS);
	wait_gap(thread, __builtin_frame_address(0));
	const struct event *gap = last_event(thread);
	assert_int_equal(gap->type->number, EVENT_GAP);
	assert_int_equal(gap->time - gap->duration, start);
	assert_int_equal(gap->time, thread->last_ticks);
	assert_in_range(gap->duration, slept + 2 * MILLISECOND, UINT64_MAX);
	assert_in_range(gap->values[EVENT_GAP_OFF].number, slept - slept / 10,
			gap->duration - 2 * MILLISECOND + 100000);
	assert_int_equal(gap->values[EVENT_GAP_VOLUNTARY_SWITCHES].number, 1);
	assert_int_not_equal(gap->values[EVENT_GAP_STACK].number, 0);
	test_process_end();
}

static void a_gap_too_short_to_be_worth_telling_is_none(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = 1000 * (uint64_t)MILLISECOND;
	thread->last_ticks = thread_ticks(thread);
	sleep_unseen(SLEEP_NS);
	wait_gap(thread, __builtin_frame_address(0));
	assert_string_equal(test_events_told(thread->slot, 1), "");
	assert_in_range(clock_monotonic_ns() - thread->last_ticks, 0, SLEEP_NS / 2);
	test_process_end();
}

static void a_gap_in_which_the_thread_ran_is_none(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = MILLISECOND / 10;
	bool is_quiet = false;
	for (int i = 0; i < 1000 && !is_quiet; i++) { /* until nobody takes the CPU away */
		struct rusage before, after;
		test_events_read(thread->slot, &events);
		size_t count = events.count;
		off_cpu_account(thread);
		thread->last_ticks = thread->base_ticks;
		syscall_thread_usage(&before);
		run_for(2 * MILLISECOND);
		syscall_thread_usage(&after);
		wait_gap(thread, __builtin_frame_address(0));
		test_events_read(thread->slot, &events);
		is_quiet = before.ru_nivcsw == after.ru_nivcsw && events.count == count;
	}
	assert_true(is_quiet);
	test_process_end();
}

static void an_untimed_wait_has_its_start_inferred_from_the_cpu_clock(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	thread->last_ticks = thread_ticks(thread);
	uint64_t wall = clock_monotonic_ns(), cpu = syscall_thread_cpu_ns();
	run_for(2 * MILLISECOND);
	uint64_t slept = sleep_unseen(SLEEP_NS);
	assert_true(wait_end_untimed(thread, a_pipe, __builtin_frame_address(0)));
	uint64_t off = clock_monotonic_ns() - wall - (syscall_thread_cpu_ns() - cpu);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 3);
	assert_int_equal(events.events[1].type->number, EVENT_START_INFERRED);
	const struct event *wait = &events.events[2];
	assert_int_equal(wait->type->number, EVENT_PIPE_WAIT);
	assert_int_equal(wait->values[0].number, 9);
	assert_int_equal(events.events[1].time, wait->time - wait->duration);
	assert_in_range(wait->duration, slept - slept / 10, off + 100000);
	test_process_end();
}

static void a_call_that_ran_for_long_without_blocking_is_no_wait(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	thread->last_ticks = thread_ticks(thread);
	uint64_t start = thread->last_ticks;
	run_for(5 * MILLISECOND);
	assert_false(wait_end_untimed(thread, a_pipe, __builtin_frame_address(0)));
	start = wait_start(thread);
	run_for(5 * MILLISECOND);
	assert_false(wait_end_or_preempted(thread, start, a_pipe, __builtin_frame_address(0)));
	test_events_read(thread->slot, &events);
	for (size_t i = 1; i < events.count; i++) /* where somebody else took the CPU there is a gap */
		assert_int_not_equal(events.events[i].type->number, EVENT_PIPE_WAIT);
	test_process_end();
}

/* A child that takes the CPU of the calling thread, which keeps to one for it. */
static pid_t rival_start(cpu_set_t *out_allowed)
{
	cpu_set_t one;
	sched_getaffinity(0, sizeof *out_allowed, out_allowed);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof one, &one);
	pid_t rival = fork();
	while (!rival)
		;
	return rival;
}

static void rival_end(pid_t rival, const cpu_set_t *allowed)
{
	kill(rival, SIGKILL);
	waitpid(rival, NULL, 0);
	sched_setaffinity(0, sizeof *allowed, allowed);
}

static uint64_t involuntary_switches(void)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nivcsw;
}

/* A poll with a time-out of 0, a lock that was released in time: the call took long because the CPU was taken away. */
static void a_timed_call_that_was_only_preempted_is_no_wait(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	cpu_set_t allowed;
	pid_t rival = rival_start(&allowed);
	off_cpu_account(thread);
	uint64_t switches = involuntary_switches(), wall = clock_monotonic_ns();
	uint64_t start = wait_start(thread);
	while (involuntary_switches() == switches || clock_monotonic_ns() - wall < 2 * MILLISECOND)
		;
	wait_end(thread, start, a_sleep, __builtin_frame_address(0));
	rival_end(rival, &allowed);
	const struct event *last = last_event(thread);
	assert_string_equal(last->type->name, "gap");
	assert_int_equal(last->values[EVENT_GAP_VOLUNTARY_SWITCHES].number, 0);
	assert_in_range(last->values[EVENT_GAP_INVOLUNTARY_SWITCHES].number, 1, 1000);

	/* The same call when it blocks. */
	start = wait_start(thread);
	sleep_unseen(SLEEP_NS);
	wait_end(thread, start, a_sleep, __builtin_frame_address(0));
	assert_string_equal(last_event(thread)->type->name, "sleep_wait");
	test_process_end();
}

static void a_timed_call_that_blocked_is_a_wait(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	off_cpu_account(thread);
	uint64_t start = wait_start(thread);
	sleep_unseen(SLEEP_NS);
	assert_true(wait_end_or_preempted(thread, start, a_pipe, __builtin_frame_address(0)));
	assert_int_equal(last_event(thread)->type->number, EVENT_PIPE_WAIT);
	assert_int_equal(events.count, 2);
	test_process_end();
}

static void nothing_is_recorded_once_the_process_sleeps(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	const void *frame = __builtin_frame_address(0);
	process_sleep();
	uint64_t start = wait_start(thread);
	sleep_unseen(MILLISECOND);
	wait_gap(thread, frame);
	wait_end(thread, start, a_sleep, frame);
	assert_false(wait_end_untimed(thread, a_sleep, frame));
	assert_false(wait_end_or_preempted(thread, start, a_sleep, frame));
	assert_int_equal(thread->short_count, 0);
	assert_string_equal(test_events_told(thread->slot, 1), "");
	test_process_end();
}

static void a_blind_thread_tells_long_waits_and_counts_no_short_ones(void **state)
{
	(void)state;
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	if (!thread->is_blind)
		left_cpu_disarm();
	thread->is_blind = true; /* as where there is no rseq area */
	assert_true(left_cpu_look());
	guest_process.arena.header->threshold_ticks[TRACE_CLOCK_MONOTONIC] = SLEEP_NS / 2;
	wait_end(thread, thread_ticks(thread), a_sleep, __builtin_frame_address(0));
	assert_int_equal(thread->short_count, 0);
	uint64_t start = wait_start(thread);
	sleep_unseen(SLEEP_NS);
	wait_end(thread, start, a_sleep, __builtin_frame_address(0));
	assert_string_equal(last_event(thread)->type->name, "sleep_wait");
	assert_true(left_cpu_look());
	assert_false(wait_end_untimed(thread, a_sleep, __builtin_frame_address(0)));
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_finds_time_off_the_cpu_that_nobody_timed),
		cmocka_unit_test(time_that_was_timed_is_not_counted_again),
		cmocka_unit_test(no_account_reaches_behind_the_last_moment_on_the_cpu),
		cmocka_unit_test(running_is_not_off_the_cpu),
		cmocka_unit_test(an_account_is_refreshed_once_it_is_a_millisecond_old),
		cmocka_unit_test(accounts_are_settled_after_64_waits),
		cmocka_unit_test(the_cpu_time_inside_waits_is_learnt),
		cmocka_unit_test(a_timed_call_that_was_only_preempted_is_no_wait),
		cmocka_unit_test(a_timed_wait_is_told_from_start_to_end),
		cmocka_unit_test(a_look_after_a_wait_says_that_the_cpu_was_not_left_since),
		cmocka_unit_test(short_waits_are_counted_and_told_with_the_next_long_one),
		cmocka_unit_test(switches_of_one_wait_are_not_taken_for_another),
		cmocka_unit_test(each_kind_of_wait_has_its_event_and_object),
		cmocka_unit_test(a_gap_says_how_long_and_that_it_was_blocked),
		cmocka_unit_test(a_gap_too_short_to_be_worth_telling_is_none),
		cmocka_unit_test(a_gap_in_which_the_thread_ran_is_none),
		cmocka_unit_test(an_untimed_wait_has_its_start_inferred_from_the_cpu_clock),
		cmocka_unit_test(a_call_that_ran_for_long_without_blocking_is_no_wait),
		cmocka_unit_test(a_timed_call_that_blocked_is_a_wait),
		cmocka_unit_test(nothing_is_recorded_once_the_process_sleeps),
		cmocka_unit_test(a_blind_thread_tells_long_waits_and_counts_no_short_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
