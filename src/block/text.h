/* SPDX-License-Identifier: Apache-2.0 */
/* text.h — a trace as text, and back: what `tickbird dump` prints and tests are written in.
 *
 * The text says all that the file says: undump(dump(file)) holds the same events in the same slices, and
 * dump(undump(text)) is the text again when it is written as dump writes. What hand-written text leaves out
 * (blocks, slices, registers, clock, fields) has defaults. docs/format.md gives the grammar.
 */
#pragma once
#include "block/trace_reader.h"
#include "block/trace_writer.h"
#include <stdio.h>

/* Writes the whole trace as text. Returns -1 with an error when the source or the output fails. */
int text_dump(struct trace_reader *reader, FILE *output, struct error *out_error);

/* Reads text and writes it as a whole file to the sink. The error names the line; what was written by then is a
 * cut trace. */
int text_undump(FILE *input, struct trace_sink sink, struct error *out_error);
