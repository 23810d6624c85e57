/* SPDX-License-Identifier: Apache-2.0 */
#include "record/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Memory of zeros, as a fresh memory file has. */
static struct arena arena_of(size_t size)
{
	struct arena arena = {0};
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(arena_lay_out(&arena, memory, size), 0);
	return arena;
}

static void arena_free(const struct arena *arena)
{
	munmap(arena->header, arena->size);
}

static void sizes_that_no_arena_has_are_refused(void **state)
{
	(void)state;
	static const size_t refused[] = {0,
					 4096,
					 ARENA_SIZE_MIN - 4096,
					 ARENA_SIZE_MIN - 1,
					 ARENA_SIZE_MIN + 1,
					 ARENA_SIZE_DEFAULT + 2048,
					 (size_t)ARENA_SIZE_MAX + 1,
					 (size_t)ARENA_SIZE_MAX + 4096,
					 (size_t)-4096};
	struct arena arena = {.size = 77};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(arena_lay_out(&arena, (void *)4096, refused[i]), -1);
	assert_int_equal(arena.size, 77); /* untouched */
}

static void parts_lie_one_behind_the_other_inside_the_arena(void **state)
{
	(void)state;
	static const size_t sizes[] = {ARENA_SIZE_MIN, ARENA_SIZE_MIN + 4096, ARENA_SIZE_DEFAULT,
				       ARENA_SIZE_MAX - 4096, ARENA_SIZE_MAX};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		uint8_t *start = (uint8_t *)0x10000; /* laying out looks at no memory */
		const uint8_t *end = start + sizes[i];
		struct arena arena = {0};
		assert_int_equal(arena_lay_out(&arena, start, sizes[i]), 0);
		assert_int_equal(arena.size, sizes[i]);
		assert_ptr_equal(arena.header, start);
		assert_true((uint8_t *)(arena.header + 1) <= (uint8_t *)arena.threads);
		assert_true((uint8_t *)(arena.threads + arena.thread_count) <= (uint8_t *)arena.buckets);
		assert_true((uint8_t *)(arena.buckets + ARENA_BUCKETS) <= (uint8_t *)arena.nodes);
		assert_true((uint8_t *)(arena.nodes + arena.node_count) <= arena.chunks);
		assert_int_equal((uintptr_t)arena.chunks % 4096, 0);
		assert_true(arena.chunks + (size_t)arena.chunk_count * CHUNK_SIZE <= end);
		assert_in_range(end - arena.chunks - (size_t)arena.chunk_count * CHUNK_SIZE, 0,
				CHUNK_SIZE - 1);
		/* Every thread that has a slot can have a chunk, and most have a second. */
		assert_in_range(arena.chunk_count, arena.thread_count + 1, UINT32_MAX / 2);
	}
}

static void ten_thousand_threads_fit_into_the_default_arena(void **state)
{
	(void)state;
	struct arena arena = {0};
	assert_int_equal(arena_lay_out(&arena, (void *)0x10000, ARENA_SIZE_DEFAULT), 0);
	assert_in_range(arena.thread_count, 10000, UINT32_MAX);
	assert_in_range(arena.chunk_count, 2 * 10000, UINT32_MAX);
}

static void numbers_outside_name_no_part(void **state)
{
	(void)state;
	struct arena arena = arena_of(ARENA_SIZE_MIN);
	assert_null(arena_chunk(&arena, 0));
	assert_null(arena_chunk(&arena, arena.chunk_count + 1));
	assert_null(arena_chunk(&arena, UINT32_MAX));
	assert_null(arena_thread(&arena, 0));
	assert_null(arena_thread(&arena, arena.thread_count + 1));
	assert_null(arena_node(&arena, 0));
	assert_null(arena_node(&arena, arena.node_count + 1));
	assert_ptr_equal(arena_chunk(&arena, 1), arena.chunks);
	assert_ptr_equal(arena_chunk(&arena, arena.chunk_count),
			 arena.chunks + (size_t)(arena.chunk_count - 1) * CHUNK_SIZE);
	assert_ptr_equal(arena_thread(&arena, arena.thread_count), arena.threads + arena.thread_count - 1);
	assert_ptr_equal(arena_node(&arena, arena.node_count), arena.nodes + arena.node_count - 1);
	assert_null(arena_next_chunk(&arena, 0));
	assert_null(arena_next_thread(&arena, arena.thread_count + 1));
	arena_free(&arena);
}

static void push_chunk(const struct arena *arena, uint32_t number)
{
	arena_list_push(&arena->header->free_chunks, number, arena_next_chunk(arena, number));
}

static uint32_t pop_chunk(const struct arena *arena)
{
	return arena_list_pop(&arena->header->free_chunks, arena, arena_next_chunk);
}

static void what_was_put_on_a_list_last_comes_first(void **state)
{
	(void)state;
	struct arena arena = arena_of(ARENA_SIZE_MIN);
	assert_int_equal(pop_chunk(&arena), 0);
	push_chunk(&arena, 3);
	push_chunk(&arena, 1);
	assert_int_equal(pop_chunk(&arena), 1);
	push_chunk(&arena, 2);
	assert_int_equal(pop_chunk(&arena), 2);
	assert_int_equal(pop_chunk(&arena), 3);
	assert_int_equal(pop_chunk(&arena), 0);
	arena_free(&arena);
}

/* A thread that loaded the head, slept while others took 1 and 2 and put 1 back, must not put 2 on the list again: the
 * number is the same, the tag is not. */
static void the_head_is_another_one_after_each_change(void **state)
{
	(void)state;
	struct arena arena = arena_of(ARENA_SIZE_MIN);
	push_chunk(&arena, 2);
	push_chunk(&arena, 1);
	uint64_t seen = atomic_load(&arena.header->free_chunks);
	assert_int_equal(pop_chunk(&arena), 1);
	assert_int_equal(pop_chunk(&arena), 2);
	push_chunk(&arena, 1);
	uint64_t head = atomic_load(&arena.header->free_chunks);
	assert_int_equal((uint32_t)seen, (uint32_t)head);
	assert_int_not_equal(seen, head);

	/* The tag counts in its own half, also when it comes round. */
	atomic_store(&arena.header->free_chunks, UINT64_C(0xffffffff00000000));
	push_chunk(&arena, 7);
	assert_int_equal(atomic_load(&arena.header->free_chunks), 7);
	assert_int_equal(pop_chunk(&arena), 7);
	arena_free(&arena);
}

static void a_broken_link_ends_the_list(void **state)
{
	(void)state;
	struct arena arena = arena_of(ARENA_SIZE_MIN);
	push_chunk(&arena, 5);
	atomic_store(arena_next_chunk(&arena, 5), arena.chunk_count + 1);
	assert_int_equal(pop_chunk(&arena), 5);
	assert_int_equal(pop_chunk(&arena), 0);

	atomic_store(&arena.header->free_chunks, UINT32_MAX);
	assert_int_equal(pop_chunk(&arena), 0);
	arena_free(&arena);
}

static void fresh_numbers_are_given_once_until_there_are_none(void **state)
{
	(void)state;
	_Atomic uint32_t used = 0;
	assert_int_equal(arena_take_fresh(&used, 2), 1);
	assert_int_equal(arena_take_fresh(&used, 2), 2);
	for (int i = 0; i < 5; i++)
		assert_int_equal(arena_take_fresh(&used, 2), 0);
	assert_int_equal(used, 2); /* what cannot be had does not count: the mark never comes round to 0 */
	used = UINT32_MAX;
	assert_int_equal(arena_take_fresh(&used, 2), 0);
	assert_int_equal(used, UINT32_MAX);
}

/* Several threads take and give back numbers; each marks those that it holds. */
enum { TAKERS = 4, NUMBERS = 6, ROUNDS = 20000 };

struct takers {
	struct arena arena;
	_Atomic int holders[NUMBERS + 1];
	_Atomic int seen_twice, strangers;
};

static void *take_and_give(void *argument)
{
	struct takers *takers = argument;
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t held[2] = {pop_chunk(&takers->arena), pop_chunk(&takers->arena)};
		for (int j = 0; j < 2; j++) {
			if (held[j] > NUMBERS)
				atomic_fetch_add(&takers->strangers, 1);
			else if (held[j] && atomic_fetch_add(&takers->holders[held[j]], 1))
				atomic_fetch_add(&takers->seen_twice, 1);
		}
		for (int j = 0; j < 2; j++) {
			if (!held[j] || held[j] > NUMBERS)
				continue;
			atomic_fetch_sub(&takers->holders[held[j]], 1);
			push_chunk(&takers->arena, held[j]);
		}
	}
	return NULL;
}

static void threads_neither_lose_nor_double_numbers(void **state)
{
	(void)state;
	struct takers takers = {.arena = arena_of(ARENA_SIZE_MIN)};
	pthread_t threads[TAKERS];
	for (uint32_t number = 1; number <= NUMBERS; number++)
		push_chunk(&takers.arena, number);
	for (int i = 0; i < TAKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &takers), 0);
	for (int i = 0; i < TAKERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(takers.seen_twice, 0);
	assert_int_equal(takers.strangers, 0);

	unsigned found = 0, expected = 0;
	for (uint32_t i = 1; i <= NUMBERS; i++) {
		expected |= 1u << i;
		found |= 1u << pop_chunk(&takers.arena);
	}
	assert_int_equal(found, expected);
	assert_int_equal(pop_chunk(&takers.arena), 0);
	arena_free(&takers.arena);
}

/* All take at once what is enough for one less: the race is for the last. */
struct fresh_takers {
	pthread_barrier_t together;
	_Atomic uint32_t used;
	_Atomic int taken[TAKERS + 1], wrong;
};

static void *take_fresh(void *argument)
{
	struct fresh_takers *takers = argument;
	for (int round = 0; round < ROUNDS / 10; round++) {
		pthread_barrier_wait(&takers->together);
		atomic_fetch_add(&takers->taken[arena_take_fresh(&takers->used, TAKERS - 1)], 1);
		if (pthread_barrier_wait(&takers->together) != PTHREAD_BARRIER_SERIAL_THREAD)
			continue;
		for (int i = 0; i <= TAKERS; i++)
			if (atomic_exchange(&takers->taken[i], 0) != (i < TAKERS))
				atomic_fetch_add(&takers->wrong, 1);
		atomic_store(&takers->used, 0);
	}
	return NULL;
}

static void threads_get_different_fresh_numbers(void **state)
{
	(void)state;
	struct fresh_takers takers = {.wrong = 0};
	pthread_t threads[TAKERS];
	pthread_barrier_init(&takers.together, NULL, TAKERS);
	for (int i = 0; i < TAKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_fresh, &takers), 0);
	for (int i = 0; i < TAKERS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&takers.together);
	assert_int_equal(takers.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_that_no_arena_has_are_refused),
		cmocka_unit_test(parts_lie_one_behind_the_other_inside_the_arena),
		cmocka_unit_test(ten_thousand_threads_fit_into_the_default_arena),
		cmocka_unit_test(numbers_outside_name_no_part),
		cmocka_unit_test(what_was_put_on_a_list_last_comes_first),
		cmocka_unit_test(the_head_is_another_one_after_each_change),
		cmocka_unit_test(a_broken_link_ends_the_list),
		cmocka_unit_test(fresh_numbers_are_given_once_until_there_are_none),
		cmocka_unit_test(threads_neither_lose_nor_double_numbers),
		cmocka_unit_test(threads_get_different_fresh_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
