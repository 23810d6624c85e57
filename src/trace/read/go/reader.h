/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h — a Go execution trace (Go 1.22 to 1.26) as one stream of events in order, generation by generation.
 *
 * Source:   the format of Go's internal/trace/tracev2; docs/go.md says what of it is read.
 * Memory:   one generation, and what the scheduler's state, the texts and go_limits allow; whatever the trace's size.
 * Threads:  one reader, one thread.
 * Broken:   strict, the first thing that Go's own reader refuses ends the reading with its error. Else it is noted, what is whole is
 *           kept, and reading goes on at the next generation behind a GO_EVENT_LOST; what stands there is told as after a start.
 * Hostile:  quadratic work is bounded too: threads are few (go_limits), and a heap is sorted only when its first event must wait.
 */
#pragma once
#include "trace/read/go/frontier.h"
#include <stdbool.h>

/* What was wrong with a trace. */
struct go_condition {
	bool is_cut;        /* it ends within a generation */
	uint64_t cut_at;    /* byte, of the trace before compression */
	uint64_t broken;    /* generations that could not be read to their end, batches that were malformed */
	struct error first; /* what was wrong first; empty when nothing was */
	uint64_t mismatched_regions;
	struct error mismatch; /* the first */
};

struct go_reader;

/* stream: borrowed, at its beginning. limits: copied. NULL with an error when it is no Go trace, or not one of Go 1.22 to 1.26. */
struct go_reader *go_reader_open(struct byte_stream *stream, const struct go_limits *limits, bool is_strict,
				 struct error *out_error);
void go_reader_close(struct go_reader *reader);

/* The next event: 1; 0 at the end; -1 with an error. */
int go_reader_next(struct go_reader *reader, const struct go_event **out_event, struct error *out_error);

unsigned go_reader_version(const struct go_reader *reader); /* 22 to 26 */
/* Of the events since the last GO_EVENT_SYNC. */
const struct go_generation *go_reader_generation(const struct go_reader *reader);
struct go_order *go_reader_order(struct go_reader *reader);
const struct go_texts *go_reader_texts(const struct go_reader *reader);
struct go_condition go_reader_condition(const struct go_reader *reader);
