/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/analyse/idle.h"
#include "trace/read/test_story.h"

#define MS UINT64_C(1000000)

static const uint64_t none = 0;

/* One thread for a second. Stacks: 1 loop, 2 handler < loop, 3 pool < handler < loop; 11 and 12 are cut stacks. */
static void begin(struct story *story)
{
	tell(story, 0, EVENT_RECORDING_START, 0, 0, none, none, "./program", "/", "test");
	tell(story, 0, EVENT_PROCESS_START, 0, 0, UINT64_C(1), UINT64_C(100), UINT64_C(1), "/program",
	     "./program");
	tell(story, 0, EVENT_THREAD, 0, 0, UINT64_C(1), UINT64_C(1), UINT64_C(101));
	for (uint64_t n = 1; n <= 3; n++)
		tell(story, 0, EVENT_STACK_NODE, 0, 0, UINT64_C(1), n, n - 1, 16 * n, none);
	tell(story, 0, EVENT_STACK_NODE, 0, 0, UINT64_C(1), UINT64_C(10), none, none, UINT64_C(2));
	for (uint64_t n = 11; n <= 12; n++)
		tell(story, 0, EVENT_STACK_NODE, 0, 0, UINT64_C(1), n, UINT64_C(10), 16 * n, none);
	tell(story, 0, EVENT_RECORDING_END, 1000 * MS, 0, none, none);
}

static void end(struct story *story)
{
	story_end(story, 0, UINT64_MAX);
	idle_mark(&story->survey, &story->ledger);
}

static bool is_idle(const struct story *story, enum wait_reason reason, uint64_t stack)
{
	for (size_t i = 0; i < story->ledger.sites.count; i++) {
		const struct wait_site *site = &story->ledger.sites.sites[i];
		if (site->reason == reason && site->stack == stack)
			return site->is_idle;
	}
	fail_msg("no wait for %s at stack %lu", wait_reason_word(&story->ledger.reasons, reason),
		 (unsigned long)stack);
	return -1;
}

static void condition(struct story *story, uint64_t start, uint64_t duration, uint64_t stack)
{
	tell(story, 1, EVENT_CONDITION_WAIT, start, duration, UINT64_C(0x2000), UINT64_C(0x1000), stack);
}

static void poll_several(struct story *story, uint64_t start, uint64_t duration, uint64_t stack)
{
	tell(story, 1, EVENT_POLL_WAIT, start, duration, UINT64_MAX, stack);
}

static void wait_in_a_handler_is_not_idle_however_long_it_is(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	for (uint64_t n = 0; n < 5; n++) {
		poll_several(&story, n * 200 * MS, MS, 1);
		condition(&story, n * 200 * MS + 2 * MS, 190 * MS, 3);
	}
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_POLL, 1), 1);
	assert_int_equal(is_idle(&story, WAIT_CONDITION, 3), 0);
	story_fini(&story);
}

static void pool_worker_is_idle_in_its_condition(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	for (uint64_t n = 0; n < 5; n++) {
		condition(&story, n * 200 * MS, 50 * MS, 1);
		tell(&story, 1, EVENT_LOCK_WAIT, n * 200 * MS + 60 * MS, 100 * MS, UINT64_C(0x3000),
		     UINT64_C(1));
	}
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_CONDITION, 1), 1);
	assert_int_equal(is_idle(&story, WAIT_LOCK, 1), 0);
	story_fini(&story);
}

static void where_stacks_are_cut_an_event_loop_goes_before_a_condition(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	for (uint64_t n = 0; n < 5; n++) {
		poll_several(&story, n * 200 * MS, 10 * MS, 11);
		condition(&story, n * 200 * MS + 20 * MS, 170 * MS, 12);
	}
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_POLL, 11), 1);
	assert_int_equal(is_idle(&story, WAIT_CONDITION, 12), 0);
	story_fini(&story);
}

static void wait_at_the_start_makes_no_home(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	condition(&story, 0, 10 * MS, 1);
	for (uint64_t n = 0; n < 4; n++)
		poll_several(&story, 100 * MS + n * 200 * MS, 100 * MS, 2);
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_CONDITION, 1), 0);
	assert_int_equal(is_idle(&story, WAIT_POLL, 2), 1);
	story_fini(&story);
}

static void sleep_is_idle_from_half_of_a_life_on(void **state)
{
	(void)state;
	for (uint64_t length = 480; length <= 520; length += 40) {
		struct story story = {0};
		begin(&story);
		tell(&story, 1, EVENT_SLEEP_WAIT, 100 * MS, length * MS, UINT64_C(2));
		end(&story);
		assert_int_equal(is_idle(&story, WAIT_SLEEP, 2), length >= 500);
		story_fini(&story);
	}
}

static void sleep_inside_work_is_not_idle_however_long(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	for (uint64_t n = 0; n < 5; n++) {
		condition(&story, n * 200 * MS, 50 * MS, 1);
		tell(&story, 1, EVENT_SLEEP_WAIT, n * 200 * MS + 60 * MS, 130 * MS, UINT64_C(3));
	}
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_CONDITION, 1), 1);
	assert_int_equal(is_idle(&story, WAIT_SLEEP, 3), 0);
	story_fini(&story);
}

static void accept_is_idle_and_a_connection_is_not(void **state)
{
	(void)state;
	struct story story = {0};
	begin(&story);
	tell(&story, 1, EVENT_DESCRIPTOR_SEEN, 0, 0, UINT64_C(3), UINT64_C(3), UINT64_C(7), "", "");
	tell(&story, 1, EVENT_DESCRIPTOR_SEEN, 0, 0, UINT64_C(4), UINT64_C(3), UINT64_C(8), "\x01xyz", "");
	for (uint64_t n = 0; n < 4; n++) {
		tell(&story, 1, EVENT_NETWORK_WAIT, n * 200 * MS, 50 * MS, UINT64_C(3), UINT64_C(1));
		tell(&story, 1, EVENT_NETWORK_WAIT, n * 200 * MS + 60 * MS, 100 * MS, UINT64_C(4),
		     UINT64_C(2));
	}
	end(&story);
	assert_int_equal(is_idle(&story, WAIT_NETWORK, 1), 1);
	assert_int_equal(is_idle(&story, WAIT_NETWORK, 2), 0);
	story_fini(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_in_a_handler_is_not_idle_however_long_it_is),
		cmocka_unit_test(pool_worker_is_idle_in_its_condition),
		cmocka_unit_test(where_stacks_are_cut_an_event_loop_goes_before_a_condition),
		cmocka_unit_test(wait_at_the_start_makes_no_home),
		cmocka_unit_test(sleep_is_idle_from_half_of_a_life_on),
		cmocka_unit_test(sleep_inside_work_is_not_idle_however_long),
		cmocka_unit_test(accept_is_idle_and_a_connection_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
