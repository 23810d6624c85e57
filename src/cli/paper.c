/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/paper.h"
#include "base/memory.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *paper_duration(uint64_t ns, char out_text[PAPER_NUMBER_MAX])
{
	static const struct {
		double below, unit;
		const char *name;
	} units[] = {{999.5, 1, "ns"},  {999.5e3, 1e3, "us"},  {999.5e6, 1e6, "ms"},
		     {600e9, 1e9, "s"}, {7200e9, 60e9, "min"}, {1e300, 3600e9, "h"}};
	if (!ns) {
		snprintf(out_text, PAPER_NUMBER_MAX, "0 s");
		return out_text;
	}
	size_t i = 0;
	while ((double)ns >= units[i].below)
		i++;
	double value = (double)ns / units[i].unit;
	int digits = units[i].unit == 1 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	snprintf(out_text, PAPER_NUMBER_MAX, "%.*f %s", digits, value, units[i].name);
	return out_text;
}

const char *paper_count(uint64_t count, char out_text[PAPER_NUMBER_MAX])
{
	char digits[PAPER_NUMBER_MAX];
	size_t size = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), at = 0;
	for (size_t i = 0; i < size; i++) {
		if (i && (size - i) % 3 == 0)
			out_text[at++] = ',';
		out_text[at++] = digits[i];
	}
	out_text[at] = 0;
	return out_text;
}

const char *paper_percent(uint64_t part, uint64_t whole, char out_text[PAPER_NUMBER_MAX])
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;
	if (!part || !whole)
		snprintf(out_text, PAPER_NUMBER_MAX, "0 %%");
	else if (percent < 0.05)
		snprintf(out_text, PAPER_NUMBER_MAX, "<0.1 %%");
	else
		snprintf(out_text, PAPER_NUMBER_MAX, percent < 99.95 ? "%.1f %%" : "%.0f %%", percent);
	return out_text;
}

static const char *begin_ink(const struct paper *paper, enum ink ink)
{
	static const char *const codes[] = {
		[INK_PLAIN] = "",        [INK_TITLE] = "\033[1m",    [INK_STRONG] = "\033[1;33m",
		[INK_FAINT] = "\033[2m", [INK_ALARM] = "\033[1;31m",
	};
	return paper->is_coloured ? codes[ink] : "";
}

static const char *end_ink(const struct paper *paper, enum ink ink)
{
	return paper->is_coloured && ink != INK_PLAIN ? "\033[0m" : "";
}

static int begins_character(char byte)
{
	return ((uint8_t)byte & 0xc0) != 0x80;
}

static size_t columns_of(const char *text)
{
	size_t columns = 0;
	for (; *text; text++)
		columns += (size_t)begins_character(*text);
	return columns;
}

/* Bytes of the first characters of a text. */
static size_t bytes_of(const char *text, size_t columns)
{
	size_t i = 0;
	for (; text[i]; i++)
		if (begins_character(text[i]) && columns-- == 0)
			break;
	return i;
}

static size_t print_cut(const struct paper *paper, enum ink ink, size_t width, const char *text)
{
	size_t columns = columns_of(text);
	fputs(begin_ink(paper, ink), paper->output);
	if (columns <= width)
		fputs(text, paper->output);
	else if (width)
		fprintf(paper->output, "%.*s…", (int)bytes_of(text, width - 1), text);
	fputs(end_ink(paper, ink), paper->output);
	return columns < width ? columns : width;
}

static char *format_text(const char *format, va_list arguments)
{
	char *text;
	if (vasprintf(&text, format, arguments) < 0)
		text = memory_copy_text("", 0);
	return text;
}

size_t paper_print(const struct paper *paper, enum ink ink, size_t width, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = format_text(format, arguments);
	va_end(arguments);
	size_t columns = print_cut(paper, ink, width, text);
	free(text);
	return columns;
}

void paper_column(const struct paper *paper, enum ink ink, size_t width, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = format_text(format, arguments);
	va_end(arguments);
	size_t columns = print_cut(paper, ink, width, text);
	fprintf(paper->output, "%*s", (int)(width - columns), "");
	free(text);
}

void paper_right(const struct paper *paper, enum ink ink, size_t width, const char *text)
{
	size_t columns = columns_of(text);
	fprintf(paper->output, "%*s", (int)(columns < width ? width - columns : 0), "");
	print_cut(paper, ink, width, text);
}

void paper_paragraph(const struct paper *paper, enum ink ink, size_t indent, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = format_text(format, arguments);
	va_end(arguments);
	size_t room = PAPER_WIDTH - indent;
	for (const char *at = text; *at;) {
		size_t size = bytes_of(at, room);
		if (at[size])
			for (size_t i = size; i > 0; i--)
				if (at[i] == ' ') {
					size = i;
					break;
				}
		fprintf(paper->output, "%*s%s%.*s%s\n", (int)indent, "", begin_ink(paper, ink), (int)size, at,
			end_ink(paper, ink));
		at += size;
		while (*at == ' ')
			at++;
	}
	free(text);
}
