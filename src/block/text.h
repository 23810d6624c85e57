/* SPDX-License-Identifier: Apache-2.0 */
/* text.h — a trace as text, and back: what `tickbird dump` prints and tests are written in.
 *
 * The text says all that the file says: undump(dump(file)) holds the same events in the same slices, and
 * dump(undump(text)) is the text again. What hand-written text leaves out (registers, clock) has defaults.
 * docs/format.md gives the grammar.
 */
#pragma once
#include "block/trace_reader.h"
#include "block/trace_writer.h"
#include <stdio.h>

/* Writes the whole trace as text. Returns -1 with an error when the source or the output fails. */
int text_dump(struct trace_reader *reader, FILE *output, struct error *out_error);

/* Reads text and writes it as a trace. The error names the line. */
int text_undump(FILE *input, struct trace_writer *writer, struct error *out_error);
