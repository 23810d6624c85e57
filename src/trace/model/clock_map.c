/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/clock_map.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>

enum {
	KEPT_EVERY_NS = 250 * 1000 * 1000,
	TOO_MANY = 4096, /* pairs; more are thinned as they come */
	BASE_LINE_NS = 1000 * 1000 *
		       1000, /* a rate beyond the pairs is measured over at least this, where it can be */
	COMPARED_ALL = 16,   /* up to so many pairs the median rate looks at every two of them */
	PAIR_NOISE_NS = 1000,
};

/* A rate is nanoseconds a tick, in 1/2^RATE_BITS. */
enum { RATE_BITS = 40 };

void clock_map_fini(struct clock_map *map)
{
	free(map->pairs);
	*map = (struct clock_map){0};
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static int by_ticks(const void *a, const void *b)
{
	const struct tick_pair *one = a, *two = b;
	if (one->ticks != two->ticks)
		return one->ticks < two->ticks ? -1 : 1;
	return (one->uncertainty_ns > two->uncertainty_ns) - (one->uncertainty_ns < two->uncertainty_ns);
}

static int by_value(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
	return (one > two) - (one < two);
}

/* 0 when the pairs do not go forward, or faster than any clock. */
static uint64_t rate_between(const struct tick_pair *a, const struct tick_pair *b)
{
	if (b->ticks <= a->ticks || b->monotonic_ns <= a->monotonic_ns)
		return 0;
	unsigned __int128 rate =
		((unsigned __int128)(b->monotonic_ns - a->monotonic_ns) << RATE_BITS) / (b->ticks - a->ticks);
	return rate >> 62 ? 0 : (uint64_t)rate;
}

/* Over long base lines, so that one bad pair spoils few of the rates and noise little. */
static uint64_t median_rate(const struct clock_map *map)
{
	bool is_small = map->count <= COMPARED_ALL;
	size_t room = is_small ? (size_t)COMPARED_ALL * COMPARED_ALL : map->count;
	uint64_t *rates = memory_resize(NULL, room, sizeof *rates);
	size_t count = 0, step = is_small ? 1 : map->count / 2;
	for (size_t i = 0; i + step < map->count; i++)
		for (size_t j = i + step; j < (is_small ? map->count : i + step + 1); j++) {
			uint64_t rate = rate_between(&map->pairs[i], &map->pairs[j]);
			if (rate)
				rates[count++] = rate;
		}
	if (count)
		qsort(rates, count, sizeof *rates, by_value);
	uint64_t median = count ? rates[count / 2] : 0;
	free(rates);
	return median;
}

static bool is_near(const struct tick_pair *a, const struct tick_pair *b, uint64_t usual)
{
	if (b->ticks <= a->ticks || b->monotonic_ns <= a->monotonic_ns)
		return false;
	unsigned __int128 expected = (unsigned __int128)(b->ticks - a->ticks) * usual >> RATE_BITS;
	if (expected > CLOCK_TIME_MAX)
		return false;
	uint64_t off = distance((uint64_t)expected, b->monotonic_ns - a->monotonic_ns);
	return off <= (uint64_t)expected / 8 + a->uncertainty_ns + b->uncertainty_ns + PAIR_NOISE_NS;
}

/* One of its next two neighbours agrees with the pair: it is good, though the other may not be. */
static bool has_near(const struct clock_map *map, size_t pair, uint64_t usual)
{
	for (size_t i = pair + 1; i < map->count && i <= pair + 2; i++)
		if (is_near(&map->pairs[pair], &map->pairs[i], usual))
			return true;
	return false;
}

/* Drops what disagrees with the usual rate; returns how many pairs are left. */
static size_t keep_good(struct clock_map *map, uint64_t usual)
{
	size_t first = 0, kept = 0;
	while (first + 1 < map->count && !has_near(map, first, usual))
		first++;
	if (!usual || first + 1 >= map->count)
		return map->count ? 1 : 0;
	map->pairs[kept++] = map->pairs[first];
	for (size_t i = first + 1; i < map->count; i++)
		if (is_near(&map->pairs[kept - 1], &map->pairs[i], usual))
			map->pairs[kept++] = map->pairs[i];
	return kept;
}

/* Of pairs close together keeps the most certain, and always the first and the last. */
static void thin(struct clock_map *map)
{
	size_t kept = 1;
	for (size_t i = 1; i + 1 < map->count; i++) {
		struct tick_pair *last = &map->pairs[kept - 1];
		if (distance(map->pairs[i].monotonic_ns, last->monotonic_ns) >= KEPT_EVERY_NS)
			map->pairs[kept++] = map->pairs[i];
		else if (kept > 1 && map->pairs[i].uncertainty_ns < last->uncertainty_ns)
			*last = map->pairs[i];
	}
	if (map->count > 1)
		map->pairs[kept++] = map->pairs[map->count - 1];
	map->count = kept;
}

void clock_map_add(struct clock_map *map, enum trace_clock clock, struct tick_pair pair)
{
	if (clock != TRACE_CLOCK_TSC)
		return;
	if (pair.monotonic_ns > CLOCK_TIME_MAX || pair.uncertainty_ns > KEPT_EVERY_NS) {
		map->dropped++;
		return;
	}
	if (map->count == map->capacity && map->count >= TOO_MANY) {
		qsort(map->pairs, map->count, sizeof *map->pairs, by_ticks);
		thin(map);
	}
	MEMORY_GROW(map->pairs, map->count, map->capacity);
	map->pairs[map->count++] = pair;
}

void clock_map_settle(struct clock_map *map)
{
	if (map->count)
		qsort(map->pairs, map->count, sizeof *map->pairs, by_ticks);
	size_t kept = keep_good(map, median_rate(map));
	map->dropped += map->count - kept;
	map->count = kept;
	map->is_guess = kept < 2;
	map->last_leg = 0;
	if (map->is_guess)
		return;
	thin(map);

	size_t far = 1;
	while (far + 1 < map->count &&
	       map->pairs[far].monotonic_ns - map->pairs[0].monotonic_ns < BASE_LINE_NS)
		far++;
	map->rate_before = rate_between(&map->pairs[0], &map->pairs[far]);
	size_t last = map->count - 1, near = last - 1;
	while (near > 0 && map->pairs[last].monotonic_ns - map->pairs[near].monotonic_ns < BASE_LINE_NS)
		near--;
	map->rate_after = rate_between(&map->pairs[near], &map->pairs[last]);
}

/* The leg that the ticks lie on, between the first pair and the last; legs are numbered by the pair they begin with. */
static size_t leg_of(struct clock_map *map, uint64_t ticks)
{
	size_t leg = map->last_leg;
	if (ticks >= map->pairs[leg].ticks && ticks < map->pairs[leg + 1].ticks)
		return leg;
	size_t low = 0, high = map->count - 2;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (map->pairs[middle].ticks <= ticks)
			low = middle;
		else
			high = middle - 1;
	}
	map->last_leg = low;
	return low;
}

static uint64_t shifted(uint64_t origin_ns, uint64_t origin_ticks, uint64_t ticks, uint64_t rate)
{
	unsigned __int128 way = (unsigned __int128)distance(ticks, origin_ticks) * rate >> RATE_BITS;
	if (ticks < origin_ticks)
		return way > origin_ns ? 0 : origin_ns - (uint64_t)way;
	return way > CLOCK_TIME_MAX - origin_ns ? CLOCK_TIME_MAX : origin_ns + (uint64_t)way;
}

uint64_t clock_map_time(struct clock_map *map, struct trace_moment moment)
{
	if (moment.clock == TRACE_CLOCK_MONOTONIC || !map->count)
		return moment.ticks < CLOCK_TIME_MAX ? moment.ticks : CLOCK_TIME_MAX;
	if (map->count == 1)
		return shifted(map->pairs[0].monotonic_ns, map->pairs[0].ticks, moment.ticks,
			       UINT64_C(1) << RATE_BITS);
	const struct tick_pair *first = &map->pairs[0], *last = &map->pairs[map->count - 1];
	if (moment.ticks < first->ticks)
		return shifted(first->monotonic_ns, first->ticks, moment.ticks, map->rate_before);
	if (moment.ticks >= last->ticks)
		return shifted(last->monotonic_ns, last->ticks, moment.ticks, map->rate_after);
	/* The rate is rounded down: a leg ends short of its far pair by less than a nanosecond, never beyond it. */
	const struct tick_pair *pair = &map->pairs[leg_of(map, moment.ticks)];
	return shifted(pair->monotonic_ns, pair->ticks, moment.ticks, rate_between(pair, pair + 1));
}

uint64_t clock_map_duration(struct clock_map *map, struct trace_moment end, uint64_t ticks)
{
	struct trace_moment start = {ticks < end.ticks ? end.ticks - ticks : 0, end.clock};
	return clock_map_time(map, end) - clock_map_time(map, start);
}
