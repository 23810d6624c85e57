/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/wake_edges.h"

static void release(struct wake_edges *edges, uint64_t object, uint64_t time, uint32_t thread, uint64_t block)
{
	wake_edges_add(edges, 1, object, WAKE_RELEASE,
		       (struct wake_edge){.time_ns = time, .thread = thread, .block = block});
}

static uint64_t found(const struct wake_edges *edges, uint64_t object, uint64_t after, uint64_t until)
{
	const struct wake_edge *edge = wake_edges_last(edges, 1, object, WAKE_RELEASE, after, until, 7);
	return edge ? edge->time_ns : 0;
}

static void last_edge_inside_the_wait_is_found(void **state)
{
	(void)state;
	struct wake_edges edges = {0};
	release(&edges, 5, 30, 1, 0);
	release(&edges, 5, 10, 2, 0); /* threads are drained in turn: not in order of time */
	release(&edges, 5, 20, 1, 0);
	assert_int_equal(found(&edges, 5, 0, 25), 20);
	assert_int_equal(found(&edges, 5, 0, 30), 30);
	assert_int_equal(found(&edges, 5, 20, 29), 0);
	assert_int_equal(found(&edges, 6, 0, 100), 0);
	wake_edges_fini(&edges);
}

static void waiters_own_edges_are_passed_over(void **state)
{
	(void)state;
	struct wake_edges edges = {0};
	release(&edges, 5, 10, 1, 0);
	release(&edges, 5, 20, 7, 0);
	assert_int_equal(found(&edges, 5, 0, 100), 10);
	wake_edges_fini(&edges);
}

static void kind_and_process_must_match(void **state)
{
	(void)state;
	struct wake_edges edges = {0};
	release(&edges, 5, 10, 1, 0);
	assert_null(wake_edges_last(&edges, 1, 5, WAKE_SIGNAL, 0, 100, 7));
	assert_null(wake_edges_last(&edges, 2, 5, WAKE_RELEASE, 0, 100, 7));
	wake_edges_fini(&edges);
}

static void old_blocks_are_forgotten_with_their_objects(void **state)
{
	(void)state;
	struct wake_edges edges = {0};
	for (uint64_t object = 1; object <= 1000; object++)
		release(&edges, object, object, 1, object / 100);
	wake_edges_forget(&edges, 9);
	assert_int_equal(edges.count, 101);
	assert_int_equal(edges.object_count, 101);
	assert_int_equal(found(&edges, 899, 0, 2000), 0);
	assert_int_equal(found(&edges, 900, 0, 2000), 900);
	release(&edges, 899, 5000, 1, 10);
	assert_int_equal(found(&edges, 899, 0, 6000), 5000);
	wake_edges_fini(&edges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_edge_inside_the_wait_is_found),
		cmocka_unit_test(waiters_own_edges_are_passed_over),
		cmocka_unit_test(kind_and_process_must_match),
		cmocka_unit_test(old_blocks_are_forgotten_with_their_objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
