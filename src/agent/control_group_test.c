/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/control_group.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static void assert_path(const char *groups, const char *controller, const char *expected)
{
	char *path = control_group_path(groups, controller);
	if (expected) {
		assert_non_null(path);
		assert_string_equal(path, expected);
	} else {
		assert_null(path);
	}
	free(path);
}

static void version_2_has_one_group(void **state)
{
	(void)state;
	static const char groups[] = "0::/user.slice/user-1000.slice/session-3.scope\n";
	assert_path(groups, "", "/user.slice/user-1000.slice/session-3.scope");
	assert_path(groups, "cpu", NULL);
	assert_path("0::/\n", "", "/");
}

static void version_1_has_one_for_each_controller(void **state)
{
	(void)state;
	static const char groups[] = "12:cpuset:/none\n"
				     "5:cpu,cpuacct:/system.slice/nginx.service\n"
				     "4:net_cls,cpu_other:/none\n"
				     "1:name=systemd:/system.slice\n"
				     "0::/hybrid\n";
	assert_path(groups, "cpu", "/system.slice/nginx.service");
	assert_path(groups, "cpuacct", "/system.slice/nginx.service");
	assert_path(groups, "cpuset", "/none");
	assert_path(groups, "", "/hybrid");
	assert_path(groups, "memory", NULL);
	assert_path(groups, "acct", NULL);
}

static void names_may_hold_what_separates(void **state)
{
	(void)state;
	assert_path("5:cpu:/a:b,cpu/c d\n", "cpu", "/a:b,cpu/c d");
	assert_path("5:cpu:/last line", "cpu", "/last line");
	assert_path("5:cpu:\n", "cpu", "");
}

static void lines_that_are_none_are_left_out(void **state)
{
	(void)state;
	assert_path("", "", NULL);
	assert_path("\n\n", "", NULL);
	assert_path("cpu\n5:cpu\n:\n5:cpu:/found\n", "cpu", "/found");
}

static void throttling_is_told_in_nanoseconds_by_both_versions(void **state)
{
	(void)state;
	assert_int_equal(control_group_throttled_ns("nr_periods 7\nnr_throttled 2\nthrottled_time 123456\n"),
			 123456);
	assert_int_equal(
		control_group_throttled_ns("usage_usec 9\nnr_throttled 2\nthrottled_usec 123\nnr_bursts 0\n"),
		123000);
	assert_int_equal(control_group_throttled_ns("usage_usec 9\nsome_throttled_usec 5\n"), 0);
	assert_int_equal(control_group_throttled_ns("throttled_usec7 9\nthrottled_usec\n77\n"), 0);
	assert_int_equal(control_group_throttled_ns(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_2_has_one_group),
		cmocka_unit_test(version_1_has_one_for_each_controller),
		cmocka_unit_test(names_may_hold_what_separates),
		cmocka_unit_test(lines_that_are_none_are_left_out),
		cmocka_unit_test(throttling_is_told_in_nanoseconds_by_both_versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
