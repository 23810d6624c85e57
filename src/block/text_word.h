/* SPDX-License-Identifier: Apache-2.0 */
/* text_word.h — the words that the text form of a trace has for shapes, clocks and types, and its quoting.
 *
 * A quoted text is C-like: \" \\ \n \r \t, and \xHH (always two digits) for what is not printable UTF-8.
 */
#pragma once
#include "record/clock.h"
#include "record/event.h"
#include <stdio.h>

enum { TEXT_VERSION = 1 };

extern const char *const text_shapes[];      /* by enum event_shape, ended by NULL, as all of these */
extern const char *const text_clocks[];      /* by enum trace_clock */
extern const char *const text_field_types[]; /* by enum event_field_type */

/* The index of the word of `size` bytes, -1 when it is none of them. */
int text_word_index(const char *const *words, const char *word, size_t size);

void text_quote(FILE *output, const uint8_t *bytes, size_t size);

/* Reads what stands behind the opening quote and writes its bytes, never more than it has read: both may be the
 * same memory.
 * Returns the place behind the closing quote, NULL when there is none or an escape is wrong. */
const char *text_unquote(const char *quoted, const char *end, uint8_t *out_bytes, size_t *out_size);
