/* SPDX-License-Identifier: Apache-2.0 */
/* clock_map.h — what the ticks of a slice's clock mean in nanoseconds of CLOCK_MONOTONIC.
 *
 * Words:    a pair is the same moment in ticks and in nanoseconds; a leg is the straight line between two neighbouring pairs.
 * Promise:  every tick gets a time between 0 and CLOCK_TIME_MAX; later ticks never get an earlier time. Between two pairs times
 *           are interpolated; before the first and after the last the rate of the nearest second goes on.
 * Hostile:  pairs that go backwards, or are more than an eighth off the median rate, are dropped and counted.
 * Memory:   24 bytes for each quarter of a second recorded: of pairs closer together the most certain is kept.
 * Broken:   with fewer than two good pairs a tick is taken for a nanosecond; is_guess says so.
 */
#pragma once
#include <stdbool.h>
#include "block/trace_reader.h"

/* Times fit signed 64-bit numbers, with room to add two. */
#define CLOCK_TIME_MAX (UINT64_C(1) << 62)

struct tick_pair {
	uint64_t ticks;
	uint64_t monotonic_ns;
	uint64_t uncertainty_ns;
};

struct clock_map {
	struct tick_pair *pairs; /* of the TSC; in order of ticks once settled */
	size_t count, capacity;
	size_t dropped;                   /* malformed pairs, known once settled */
	uint64_t rate_before, rate_after; /* outside the pairs: nanoseconds a tick, in 2^-40 */
	bool is_guess;                    /* fewer than two good pairs */
	size_t last_leg;                  /* where the last look-up was: the next is near */
};

/* All zero is an empty map. */
void clock_map_fini(struct clock_map *map);

/* Takes the pair; those of the monotonic clock say nothing new. */
void clock_map_add(struct clock_map *map, enum trace_clock clock, struct tick_pair pair);

/* Orders and cleans the pairs; call once, before the first look-up. */
void clock_map_settle(struct clock_map *map);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t clock_map_time(struct clock_map *map, struct trace_moment moment);

/* Nanoseconds of a duration in ticks that ended at the moment. */
uint64_t clock_map_duration(struct clock_map *map, struct trace_moment end, uint64_t ticks);
