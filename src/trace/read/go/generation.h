/* SPDX-License-Identifier: Apache-2.0 */
/* generation.h — about a second of a Go trace: its batches by thread, and the tables and clock that give them meaning.
 *
 * Words:    ids of strings and stacks mean nothing outside their generation. Id 0 always exists and is empty.
 * Promise:  batches of a thread stand in the order of the file. One generation's memory is used again for the next.
 * Hostile:  counts and sizes are bounded by go_limits and by the format.
 */
#pragma once
#include "trace/read/go/batch.h"
#include "trace/read/go/byte_store.h"
#include "trace/read/go/id_table.h"
#include "trace/read/go/limits.h"
#include <stdbool.h>

struct go_string {
	uint64_t id;
	const uint8_t *bytes;
	uint32_t size;
	uint32_t text; /* its number over the whole trace; 0 not asked for yet */
};

struct go_stack {
	uint64_t id;
	const uint8_t *frames; /* pc, function, file, line of each as varints, leaf first */
	const uint8_t *end;
	uint32_t frame_count;
	uint32_t node; /* the reader's caller may note here what it made of it; 0 nothing yet */
};

struct go_sample {
	uint64_t time_ns;
	uint64_t m, p, g; /* GO_NONE */
	uint64_t stack;
};

struct go_thread_batches {
	uint64_t m;
	uint32_t first, last; /* batches */
};

struct go_clock {
	double ns_per_unit; /* 0: not told */
	uint64_t whole_ns;  /* the same when it is a whole number, else 0 */
	bool has_snapshot;
	uint64_t snapshot_time; /* clock units */
	uint64_t monotonic_ns, wall_s, wall_ns;
};

struct go_generation {
	unsigned version; /* 22 to 26 */
	const struct go_limits *limits;
	uint64_t number;     /* 0: nothing read yet */
	uint64_t least_time; /* of its batches, clock units */
	uint64_t bytes;      /* of batches */
	struct go_clock clock;

	struct byte_store bodies;
	struct go_batch *batches; /* of events; the first is not used */
	size_t batch_count, batch_capacity;
	struct go_thread_batches *threads; /* in the order in which they first appear */
	size_t thread_count, thread_capacity;
	struct key_map thread_numbers;

	struct go_string *strings;
	size_t string_count, string_capacity;
	struct id_table string_ids;
	struct go_stack *stacks;
	size_t stack_count, stack_capacity;
	struct id_table stack_ids;
	struct go_sample *samples; /* in order of time, once settled */
	size_t sample_count, sample_capacity;
	uint64_t experimental_batches;
};

/* limits: borrowed. */
void go_generation_init(struct go_generation *generation, unsigned version, const struct go_limits *limits);
void go_generation_fini(struct go_generation *generation);

/* Forgets what it holds, keeps the room. */
void go_generation_clear(struct go_generation *generation);

/* Takes a batch of this generation; its body is copied. -1 with an error when it is malformed or too much; what was whole of it
 * stays. */
int go_generation_add(struct go_generation *generation, const struct go_batch *batch,
		      struct error *out_error);

/* Call once when all batches are in. -1 with an error when something is missing without which Go's reader refuses it: the
 * generation can be used all the same as long as its clock is known. */
int go_generation_settle(struct go_generation *generation, struct error *out_error);

/* Nanoseconds of a number of clock units; at most GO_TIME_MAX. */
#define GO_TIME_MAX (UINT64_C(1) << 62)
static inline uint64_t go_clock_ns(const struct go_clock *clock, uint64_t units)
{
	if (clock->whole_ns && units < UINT64_C(1) << 40)
		return units * clock->whole_ns;
	double ns = (double)units * clock->ns_per_unit;
	return ns < (double)GO_TIME_MAX ? (uint64_t)ns : GO_TIME_MAX;
}

/* NULL when there is no such id. */
struct go_string *go_generation_string(const struct go_generation *generation, uint64_t id);
struct go_stack *go_generation_stack(const struct go_generation *generation, uint64_t id);

struct go_frame {
	uint64_t pc, function, file, line; /* function and file: string ids */
};

/* The frame at *at, which moves on; 0 behind the last. */
int go_stack_frame(const struct go_stack *stack, const uint8_t **at, struct go_frame *out_frame);
