/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/descriptor_names.h"
#include <stdio.h>
#include <string.h>

static struct trace_moment at(uint64_t time_ns)
{
	return (struct trace_moment){time_ns, TRACE_CLOCK_MONOTONIC};
}

static void seen(struct descriptor_names *names, uint64_t time, int64_t fd, enum descriptor_kind kind,
		 const void *peer, size_t peer_size)
{
	struct event_value values[EVENT_FIELDS_MAX] = {
		[EVENT_DESCRIPTOR_SEEN_FD] = {.number = (uint64_t)fd},
		[EVENT_DESCRIPTOR_SEEN_KIND] = {.number = kind},
		[EVENT_DESCRIPTOR_SEEN_PEER] = {peer_size, peer},
	};
	descriptor_names_seen(names, 1, at(time), values);
}

static void named(struct descriptor_names *names, uint64_t time, int64_t fd, enum descriptor_kind kind,
		  const char *name)
{
	struct event_value values[EVENT_FIELDS_MAX] = {
		[EVENT_DESCRIPTOR_NAME_PROCESS] = {.number = 1},
		[EVENT_DESCRIPTOR_NAME_FD] = {.number = (uint64_t)fd},
		[EVENT_DESCRIPTOR_NAME_KIND] = {.number = kind},
		[EVENT_DESCRIPTOR_NAME_NAME] = {strlen(name), (const uint8_t *)name},
	};
	descriptor_names_name(names, at(time), values);
}

static const struct description *find(const struct descriptor_names *names, int64_t fd, uint64_t time)
{
	return &names->descriptions[descriptor_names_find(names, 1, fd, time)];
}

static void settle(struct descriptor_names *names)
{
	struct clock_map clock = {0};
	descriptor_names_settle(names, &clock);
}

static void reused_number_is_another_file_from_its_time_on(void **state)
{
	(void)state;
	struct descriptor_names names = {0};
	named(&names, 100, 5, DESCRIPTOR_FILE, "/first");
	named(&names, 200, 5, DESCRIPTOR_FILE, "/second");
	settle(&names);
	assert_string_equal(find(&names, 5, 50)->name, "/first");
	assert_string_equal(find(&names, 5, 199)->name, "/first");
	assert_string_equal(find(&names, 5, 200)->name, "/second");
	assert_int_equal(descriptor_names_find(&names, 1, 6, 200), DESCRIPTION_UNKNOWN);
	assert_int_equal(descriptor_names_find(&names, 2, 5, 200), DESCRIPTION_UNKNOWN);
	descriptor_names_fini(&names);
}

static void name_found_later_belongs_to_the_whole_opening(void **state)
{
	(void)state;
	struct descriptor_names names = {0};
	seen(&names, 100, 5, DESCRIPTOR_FILE, "", 0);
	seen(&names, 300, 5, DESCRIPTOR_FILE, "", 0);
	named(&names, 200, 5, DESCRIPTOR_FILE, "/first");
	settle(&names);
	assert_string_equal(find(&names, 5, 100)->name, "/first");
	assert_string_equal(find(&names, 5, 299)->name, "/first");
	assert_string_equal(find(&names, 5, 300)->name, "");
	descriptor_names_fini(&names);
}

static void name_of_the_same_moment_stands_before_its_event_in_the_file(void **state)
{
	(void)state;
	struct descriptor_names names = {0};
	named(&names, 100, 4, DESCRIPTOR_EPOLL, "anon_inode:[eventpoll]");
	seen(&names, 100, 4, DESCRIPTOR_OTHER, "", 0);
	settle(&names);
	assert_int_equal(names.opening_count, 1);
	assert_int_equal(find(&names, 4, 100)->kind, DESCRIPTOR_EPOLL);
	descriptor_names_fini(&names);
}

static void peer_that_the_guest_told_goes_before_the_agents_name(void **state)
{
	(void)state;
	static const uint8_t peer[] = {2, 0, 0, 80, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0};
	struct descriptor_names names = {0};
	seen(&names, 100, 6, DESCRIPTOR_SOCKET, peer, sizeof peer);
	named(&names, 100, 6, DESCRIPTOR_SOCKET, "socket:[7]");
	seen(&names, 100, 7, DESCRIPTOR_SOCKET, "", 0);
	named(&names, 100, 7, DESCRIPTOR_SOCKET, "socket:[8]");
	settle(&names);
	assert_string_equal(find(&names, 6, 100)->name, "192.0.2.1:80");
	assert_int_equal(find(&names, 6, 100)->has_peer, 1);
	assert_string_equal(find(&names, 7, 100)->name, "socket:[8]");
	assert_int_equal(find(&names, 7, 100)->has_peer, 0);
	descriptor_names_fini(&names);
}

static void millions_of_peers_are_told_by_host(void **state)
{
	(void)state;
	struct descriptor_names names = {0};
	for (uint32_t i = 0; i < 3 * DESCRIPTIONS_MAX; i++) {
		uint8_t peer[] = {2, 0, (uint8_t)(i >> 8), (uint8_t)i, 10, (uint8_t)(i >> 16), 0, 1};
		seen(&names, i, 6, DESCRIPTOR_SOCKET, peer, sizeof peer);
	}
	settle(&names);
	assert_true(names.description_count <= DESCRIPTIONS_MAX + 256);
	assert_string_equal(find(&names, 6, 255)->name, "10.0.0.1:255");
	assert_string_equal(find(&names, 6, 3 * DESCRIPTIONS_MAX)->name, "10.2.0.1");
	descriptor_names_fini(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reused_number_is_another_file_from_its_time_on),
		cmocka_unit_test(name_found_later_belongs_to_the_whole_opening),
		cmocka_unit_test(name_of_the_same_moment_stands_before_its_event_in_the_file),
		cmocka_unit_test(peer_that_the_guest_told_goes_before_the_agents_name),
		cmocka_unit_test(millions_of_peers_are_told_by_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
