/* SPDX-License-Identifier: Apache-2.0 */
/* batch.h — the pieces that a Go trace is cut into: one thread's buffer each, or a table.
 *
 *     1  generation  M  time  size  body           experimental: 49  experiment  generation  M  time  size  body
 *     52                                           the generation is over (Go 1.26 on)
 */
#pragma once
#include "trace/read/byte_stream.h"
#include "trace/read/go/event_types.h"
#include <stdbool.h>

struct go_batch {
	uint64_t generation; /* 0 of an end mark */
	uint64_t m;          /* thread; GO_NONE */
	uint64_t time;       /* clock units */
	const uint8_t *body;
	uint32_t size;
	uint32_t next;      /* of the same thread; 0 none. For generation.h */
	uint8_t experiment; /* 0 none */
	bool is_end_mark;
};

/* Reads the head of the batch at the stream's place, and sees that all of its body is there, without taking anything: 1; 0 at the end
 * of the trace; -1 with an error when what stands there is no whole batch. *out_size: what to take from the stream.
 * The body is valid until the next look. */
int go_batch_look(struct byte_stream *stream, struct go_batch *out_batch, size_t *out_size,
		  struct error *out_error);

/* The same, only as far as the generation; the body may be cut. */
int go_batch_look_generation(struct byte_stream *stream, uint64_t *out_generation, bool *out_is_end_mark,
			     struct error *out_error);

enum go_batch_kind {
	GO_BATCH_EVENTS,
	GO_BATCH_STRINGS,
	GO_BATCH_STACKS,
	GO_BATCH_SAMPLES,
	GO_BATCH_CLOCK,
	GO_BATCH_EXPERIMENT,
};

/* version: 22 to 26. */
enum go_batch_kind go_batch_kind(const struct go_batch *batch, unsigned version);
