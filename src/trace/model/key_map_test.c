/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/key_map.h"

static void empty_map_finds_nothing(void **state)
{
	(void)state;
	struct key_map map = {0};
	assert_int_equal(key_map_find(&map, (struct map_key){{1}}), KEY_MAP_NONE);
	key_map_fini(&map);
}

static void every_key_keeps_its_number_while_the_map_grows(void **state)
{
	(void)state;
	struct key_map map = {0};
	for (uint32_t i = 0; i < 10000; i++) {
		uint32_t *number = key_map_intern(&map, (struct map_key){{i % 7, (uint64_t)i << 32, i}});
		assert_int_equal(*number, KEY_MAP_NONE);
		*number = i;
	}
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(key_map_find(&map, (struct map_key){{i % 7, (uint64_t)i << 32, i}}), i);
	assert_int_equal(key_map_find(&map, (struct map_key){{1, 0, 0}}), KEY_MAP_NONE);
	key_map_fini(&map);
}

static void words_in_another_order_are_another_key(void **state)
{
	(void)state;
	struct key_map map = {0};
	*key_map_intern(&map, (struct map_key){{1, 2, 3}}) = 5;
	assert_int_equal(key_map_find(&map, (struct map_key){{3, 2, 1}}), KEY_MAP_NONE);
	assert_int_equal(key_map_find(&map, (struct map_key){{1, 2, 3}}), 5);
	key_map_fini(&map);
}

static void cleared_map_finds_nothing_and_takes_keys_again(void **state)
{
	(void)state;
	struct key_map map = {0};
	*key_map_intern(&map, (struct map_key){{1}}) = 1;
	key_map_clear(&map);
	assert_int_equal(key_map_find(&map, (struct map_key){{1}}), KEY_MAP_NONE);
	*key_map_intern(&map, (struct map_key){{1}}) = 2;
	assert_int_equal(key_map_find(&map, (struct map_key){{1}}), 2);
	key_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map_finds_nothing),
		cmocka_unit_test(every_key_keeps_its_number_while_the_map_grows),
		cmocka_unit_test(words_in_another_order_are_another_key),
		cmocka_unit_test(cleared_map_finds_nothing_and_takes_keys_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
