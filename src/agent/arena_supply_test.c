/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/arena_supply.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct arena_terms terms = {.size = ARENA_SIZE_MIN,
					 .threshold_ns = 10000,
					 .clock = TRACE_CLOCK_TSC,
					 .ticks_per_second = {1000000000, 46875000}};

static void an_arena_can_neither_shrink_nor_grow_nor_be_unsealed(void **state)
{
	(void)state;
	struct arena_supply supply = {.terms = terms};
	struct shared_arena shared;
	assert_int_equal(supply_take(&supply, &shared, NULL), 0);
	assert_int_equal(fcntl(shared.fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	assert_int_equal(ftruncate(shared.fd, ARENA_SIZE_MIN / 2), -1);
	assert_int_equal(ftruncate(shared.fd, 2 * ARENA_SIZE_MIN), -1);
	assert_int_equal(fcntl(shared.fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(fcntl(shared.fd, F_GETFD), FD_CLOEXEC);
	struct stat stat;
	assert_int_equal(fstat(shared.fd, &stat), 0);
	assert_int_equal(stat.st_size, ARENA_SIZE_MIN);
	shared_arena_close(&shared);
}

static void its_header_says_what_the_guest_has_to_know(void **state)
{
	(void)state;
	struct arena_supply supply = {.terms = terms};
	struct shared_arena shared;
	assert_int_equal(supply_take(&supply, &shared, NULL), 0);
	const struct arena_header *header = shared.arena.header;
	assert_int_equal(header->layout_version, ARENA_LAYOUT_VERSION);
	assert_int_equal(header->is_recording, 1);
	assert_int_equal(header->clock, TRACE_CLOCK_TSC);
	assert_int_equal(header->ticks_per_second[TRACE_CLOCK_TSC], 46875000);
	assert_int_equal(header->threshold_ticks[TRACE_CLOCK_MONOTONIC], 10000);
	assert_int_equal(header->threshold_ticks[TRACE_CLOCK_TSC],
			 468); /* 10 µs at 46.875 MHz, rounded down */
	assert_int_equal(header->chunks_used, 0);
	assert_int_equal(header->next_pair_ticks, 0);
	shared_arena_close(&shared);
}

static void arenas_that_are_ready_are_taken_first_and_each_is_another(void **state)
{
	(void)state;
	struct arena_supply supply = {.terms = terms};
	assert_int_equal(supply_refill(&supply, NULL), 0);
	assert_int_equal(supply.ready_count, SUPPLY_READY);
	struct shared_arena taken[SUPPLY_READY + 1];
	for (int i = 0; i <= SUPPLY_READY; i++) {
		assert_int_equal(supply_take(&supply, &taken[i], NULL), 0);
		for (int j = 0; j < i; j++)
			assert_ptr_not_equal(taken[i].arena.header, taken[j].arena.header);
	}
	assert_int_equal(supply.ready_count, 0);
	for (int i = 0; i <= SUPPLY_READY; i++)
		shared_arena_close(&taken[i]);
	supply_refill(&supply, NULL);
	supply_close(&supply);
	assert_int_equal(supply.ready_count, 0);
}

static void a_size_that_no_arena_has_is_an_error(void **state)
{
	(void)state;
	struct arena_supply supply = {.terms = terms};
	supply.terms.size = ARENA_SIZE_MIN + 100;
	struct shared_arena shared = {.fd = 77};
	struct error error = {""};
	assert_int_equal(supply_take(&supply, &shared, &error), -1);
	assert_int_not_equal(error.text[0], 0);
	assert_int_equal(shared.fd, 77);
	assert_int_equal(supply_refill(&supply, &error), -1); /* ends, with nothing */
	assert_int_equal(supply.ready_count, 0);
}

/* Pages of the file that exist, by the kernel's word. */
static unsigned pages_of(const struct shared_arena *shared)
{
	struct stat stat;
	assert_int_equal(fstat(shared->fd, &stat), 0);
	assert_int_equal(stat.st_size, ARENA_SIZE_MIN);
	return (unsigned)(stat.st_blocks * 512 / 4096);
}

static void pages_are_readied_ahead_of_the_chunks_in_use(void **state)
{
	(void)state;
	enum { CHUNKS_A_PAGE = 4096 / CHUNK_SIZE };
	struct arena_supply supply = {.terms = terms};
	struct shared_arena shared;
	assert_int_equal(supply_take(&supply, &shared, NULL), 0);
	unsigned other =
		1 + 1 + ARENA_BUCKETS * 4 / 4096 + 1; /* header, first slots, buckets, first stack nodes */
	assert_int_equal(pages_of(&shared), other + 64 / CHUNKS_A_PAGE);
	shared_arena_grow(&shared); /* none of them is in use yet */
	assert_int_equal(pages_of(&shared), other + 64 / CHUNKS_A_PAGE);
	shared.arena.header->chunks_used = 1;
	shared_arena_grow(&shared);
	assert_int_equal(pages_of(&shared), other + (64 + 256) / CHUNKS_A_PAGE);

	shared.arena.header->chunks_used = shared.arena.chunk_count;
	for (int i = 0; i < 10; i++)
		shared_arena_grow(&shared);
	assert_int_equal(pages_of(&shared),
			 other + (shared.arena.chunk_count + CHUNKS_A_PAGE - 1) / CHUNKS_A_PAGE);
	shared_arena_close(&shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_can_neither_shrink_nor_grow_nor_be_unsealed),
		cmocka_unit_test(its_header_says_what_the_guest_has_to_know),
		cmocka_unit_test(arenas_that_are_ready_are_taken_first_and_each_is_another),
		cmocka_unit_test(a_size_that_no_arena_has_is_an_error),
		cmocka_unit_test(pages_are_readied_ahead_of_the_chunks_in_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
