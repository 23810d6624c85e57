/* SPDX-License-Identifier: Apache-2.0 */
/* text_line.h — a line of the text form of a trace, taken apart from the left.
 *
 * Words:    words are separated by blanks; # begins a comment up to the end of the line.
 * Hostile:  a line may hold any bytes; longer ones than TEXT_LINE_MAX are an error.
 */
#pragma once
#include "base/error.h"
#include "record/event.h"
#include <stdio.h>

/* The bytes of an event's texts take at most four characters each; the rest is for names and numbers. */
enum { TEXT_LINE_MAX = 4 * EVENT_SIZE_MAX + 4096 };

struct text_line {
	uint64_t number; /* from 1 */
	char *text;      /* ended by a zero */
	char *at;        /* what comes next */
	char *end;
};

void text_line_init(struct text_line *line);
void text_line_fini(struct text_line *line);

/* The next line: 1, 0 at the end of the input, -1 with an error. */
int text_line_read(struct text_line *line, FILE *input, struct error *out_error);

/* Whether nothing is left but a comment. Passes over blanks, as those below do. */
int text_line_ends(struct text_line *line);

/* Takes the word if it is this one. */
int text_line_is(struct text_line *line, const char *word);

/* Takes the character if it comes next, without a blank before it. */
int text_line_take(struct text_line *line, char character);

/* Takes the letters, digits and _ that come next; .size is 0 when there are none. Lives as long as the line. */
struct text_name {
	const char *text;
	size_t size;
};
struct text_name text_line_name(struct text_line *line);

/* A number in decimal or, with 0x, hexadecimal digits. 0; -1 when there is none or it is too big. */
int text_line_uint(struct text_line *line, uint64_t *out_number);
/* With a sign; gives the int64_t's bits. */
int text_line_sint(struct text_line *line, uint64_t *out_number);
/* A quoted text, whose bytes take its place in the line. */
int text_line_quoted(struct text_line *line, struct event_value *out_value);
