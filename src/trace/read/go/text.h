/* SPDX-License-Identifier: Apache-2.0 */
/* text.h — a Go trace as text, both ways: the text form of Go's own tools (`go tool trace -d=wire`, the tests of internal/trace).
 *
 *     Trace Go1.26
 *     EventBatch gen=1 m=7 time=1000 size=25
 *     GoCreate dt=3 new_g=2 new_stack=1 stack=1
 *     String id=1
 *     	data="main.main"
 *
 * One event a line, in the order of the file. What stands behind # is not read.
 */
#pragma once
#include "trace/read/byte_stream.h"
#include <stdio.h>
#include <stdbool.h>

struct go_text_condition {
	bool is_cut;     /* the trace ends within a batch */
	uint64_t cut_at; /* byte */
	uint64_t damaged_batches;
	uint64_t first_damage_at; /* byte */
};

/* Writes the stream, from its beginning. -1 with an error when it is no Go trace of Go 1.22 to 1.26, or the source fails; of what is
 * cut or malformed everything before it is written, and the condition says so. Errors of the output are for the caller to see. */
int go_text_dump(struct byte_stream *stream, FILE *output, struct go_text_condition *out_condition,
		 struct error *out_error);

/* The first character of such a text, which no text of a .tbt trace begins with. */
#define GO_TEXT_FIRST 'T'

/* Writes the trace that the text describes; the sizes of batches are taken from the text as they stand. -1 with an error that names
 * the line. */
int go_text_undump(FILE *text, FILE *output, struct error *out_error);
