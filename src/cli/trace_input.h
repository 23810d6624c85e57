/* SPDX-License-Identifier: Apache-2.0 */
/* trace_input.h — a trace that the user named: a file, a pipe or `-`, and which kind of trace it is.
 *
 * Kinds are told by the first bytes: a .tbt file must be one that can be read at any place; a Go trace may come through a pipe and
 * may be compressed with gzip or zstd.
 */
#pragma once
#include "block/trace_source.h"
#include "trace/read/byte_stream.h"

enum trace_input_kind { INPUT_TBT, INPUT_GO };

struct trace_input {
	const char *name; /* for messages */
	int fd;           /* -1: not open */
	enum trace_input_kind kind;
	uint64_t size;              /* of a .tbt file */
	struct byte_stream *stream; /* of a Go trace, at its beginning */
};

/* path: `-` is standard input. -1 with an error when it cannot be opened or is no trace. Stays where it is until it is closed. */
int trace_input_open(struct trace_input *input, const char *path, struct error *out_error);
void trace_input_close(struct trace_input *input);

/* Of a .tbt file. */
struct trace_source trace_input_source(const struct trace_input *input);
