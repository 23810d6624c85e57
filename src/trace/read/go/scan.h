/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h — what a Go trace is made of: how many events of each kind, and how many bytes they take, without their meaning.
 *
 * Only the ends of numbers are looked for, not their values, in two batches side by side: the way to an event leads over the one
 * before it, and a processor can go two such ways at a time.
 */
#pragma once
#include "trace/read/go/batch.h"
#include <stdbool.h>

struct go_scan {
	uint64_t counts[GO_EVENT_NUMBERS]; /* of timed events */
	uint64_t bytes
		[GO_EVENT_NUMBERS]; /* of timed events; of batches by the number of their kind: strings, stacks, … */
	uint64_t batches[GO_EVENT_NUMBERS];
	uint64_t malformed; /* batches whose rest cannot be read */
	bool is_cut;
	uint64_t cut_at; /* byte */
};

/* Reads the stream from its beginning to its end. -1 with an error when it is no Go trace of Go 1.22 to 1.26, or its source fails. */
int go_scan_read(struct byte_stream *stream, struct go_scan *out_scan, struct error *out_error);
