/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text_line.h"
#include "base/memory.h"
#include "block/text_word.h"
#include <stdbool.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

void text_line_init(struct text_line *line)
{
	*line = (struct text_line){.text = memory_allocate(TEXT_LINE_MAX + 1)};
	line->at = line->end = line->text;
}

void text_line_fini(struct text_line *line)
{
	free(line->text);
}

int text_line_read(struct text_line *line, FILE *input, struct error *out_error)
{
	size_t size = 0;
	int character;
	errno = 0;
	while ((character = getc_unlocked(input)) != EOF && character != '\n' && size < TEXT_LINE_MAX)
		line->text[size++] = (char)character;
	if (character == EOF && ferror(input))
		return error_set_errno(out_error, errno, "cannot read the text");
	if (character == EOF && !size)
		return 0;

	line->number++;
	line->at = line->text;
	line->end = line->text + size;
	*line->end = '\0';
	if (character != EOF && character != '\n')
		return error_set(out_error, "the line is longer than %d bytes", TEXT_LINE_MAX);
	return 1;
}

static void pass_blanks(struct text_line *line)
{
	while (*line->at == ' ' || *line->at == '\t' || *line->at == '\r')
		line->at++;
}

static bool is_name(char character)
{
	return isalnum((unsigned char)character) || character == '_';
}

int text_line_ends(struct text_line *line)
{
	pass_blanks(line);
	return line->at == line->end || *line->at == '#';
}

struct text_name text_line_name(struct text_line *line)
{
	pass_blanks(line);
	const char *start = line->at;
	while (is_name(*line->at))
		line->at++;
	return (struct text_name){start, (size_t)(line->at - start)};
}

int text_line_is(struct text_line *line, const char *word)
{
	char *start = line->at;
	struct text_name name = text_line_name(line);
	if (name.size == strlen(word) && !memcmp(name.text, word, name.size))
		return 1;
	line->at = start;
	return 0;
}

int text_line_take(struct text_line *line, char character)
{
	if (line->at == line->end || *line->at != character)
		return 0;
	line->at++;
	return 1;
}

int text_line_uint(struct text_line *line, uint64_t *out_number)
{
	pass_blanks(line);
	if (!isdigit((unsigned char)*line->at))
		return -1;
	int base = line->at[0] == '0' && (line->at[1] == 'x' || line->at[1] == 'X') ? 16 : 10;
	char *end;
	errno = 0;
	uint64_t number = strtoull(line->at, &end, base);
	if (errno || is_name(*end))
		return -1;
	line->at = end;
	*out_number = number;
	return 0;
}

int text_line_sint(struct text_line *line, uint64_t *out_number)
{
	pass_blanks(line);
	bool is_negative = text_line_take(line, '-');
	uint64_t size, most = (uint64_t)INT64_MAX + (uint64_t)is_negative;
	if (text_line_uint(line, &size) || size > most)
		return -1;
	*out_number = is_negative ? -size : size;
	return 0;
}

int text_line_quoted(struct text_line *line, struct event_value *out_value)
{
	pass_blanks(line);
	if (!text_line_take(line, '"'))
		return -1;
	uint8_t *bytes = (uint8_t *)line->at;
	size_t size;
	const char *behind = text_unquote(line->at, line->end, bytes, &size);
	if (!behind)
		return -1;
	line->at += behind - line->at;
	*out_value = (struct event_value){size, bytes};
	return 0;
}
