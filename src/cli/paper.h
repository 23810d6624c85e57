/* SPDX-License-Identifier: Apache-2.0 */
/* paper.h — text 80 columns wide: numbers for people, columns, colour.
 *
 * Threads:  no state but the output's.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PAPER_WIDTH = 80, PAPER_NUMBER_MAX = 32 };

struct paper {
	FILE *output;
	bool is_coloured;
};

enum ink { INK_PLAIN, INK_TITLE, INK_STRONG, INK_FAINT, INK_ALARM };

/* Three digits and a unit: "0 s", "840 ns", "12.3 us", "4.56 ms", "41.2 s", "12.5 min", "3.20 h". */
const char *paper_duration(uint64_t ns, char out_text[PAPER_NUMBER_MAX]);

/* "1,234,567" */
const char *paper_count(uint64_t count, char out_text[PAPER_NUMBER_MAX]);

/* part of whole: "12.3 %", "<0.1 %", "0 %" */
const char *paper_percent(uint64_t part, uint64_t whole, char out_text[PAPER_NUMBER_MAX]);

/* Formats and prints in that ink, at most `width` columns; returns the columns used. Longer text ends in "…". */
size_t paper_print(const struct paper *paper, enum ink ink, size_t width, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same, then spaces up to the width. */
void paper_column(const struct paper *paper, enum ink ink, size_t width, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Text at the right end of its column. */
void paper_right(const struct paper *paper, enum ink ink, size_t width, const char *text);

/* Prints the text at this indentation, broken between words so that no line is longer than the page. */
void paper_paragraph(const struct paper *paper, enum ink ink, size_t indent, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
