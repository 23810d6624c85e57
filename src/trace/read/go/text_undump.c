/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/event_types.h"
#include "trace/read/go/text.h"
#include "trace/read/go/varint.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char trace_word[] = "Trace Go1.";

enum { NUMBERS_MAX = GO_ARGUMENTS_MAX + 1 };

struct undump {
	FILE *text, *output;
	char *line; /* getline's */
	size_t capacity;
	unsigned long number; /* of the line */
	struct error *error;
};

static int fail(const struct undump *undump, const char *what)
{
	return error_set(undump->error, "line %lu: %s", undump->number, what);
}

/* The next line that says something, without blanks at its ends; NULL at the end. */
static char *next_line(struct undump *undump)
{
	while (getline(&undump->line, &undump->capacity, undump->text) >= 0) {
		undump->number++;
		char *start = undump->line + strspn(undump->line, " \t\r\n");
		size_t size = strlen(start);
		while (size && isspace((unsigned char)start[size - 1]))
			size--;
		start[size] = 0;
		if (start[0] && start[0] != '#')
			return start;
	}
	return NULL;
}

static void put_number(const struct undump *undump, uint64_t value)
{
	uint8_t bytes[GO_VARINT_MAX];
	fwrite(bytes, 1, go_varint_put(bytes, value), undump->output);
}

/* " name=123" at *at, which moves on. */
static int read_argument(const struct undump *undump, char **at, const char *name, uint64_t *out_value)
{
	size_t size = strlen(name);
	*at += strspn(*at, " \t");
	if (strncmp(*at, name, size) || (*at)[size] != '=' || !isdigit((unsigned char)(*at)[size + 1]))
		return error_set(undump->error, "line %lu: '%s=' and a number are missing", undump->number,
				 name);
	errno = 0;
	*out_value = strtoull(*at + size + 1, at, 10);
	return errno ? fail(undump, "a number does not fit in 64 bits") : 0;
}

static int line_ends(const struct undump *undump, const char *at)
{
	at += strspn(at, " \t");
	return !*at || *at == '#' ? 0 : fail(undump, "there is more than belongs here");
}

static const struct go_event_type *type_of(const char *word, size_t size)
{
	for (int i = 0; i < GO_EVENT_NUMBERS; i++) {
		const char *name = go_event_types[i].name;
		if (name && strlen(name) == size && !memcmp(name, word, size))
			return &go_event_types[i];
	}
	return NULL;
}

static int put_frames(struct undump *undump, uint64_t count)
{
	static const char *const names[] = {"pc", "func", "file", "line"};
	for (uint64_t i = 0; i < count; i++) {
		char *at = next_line(undump);
		if (!at)
			return fail(undump, "the text ends within a stack");
		for (int field = 0; field < 4; field++) {
			uint64_t value;
			if (read_argument(undump, &at, names[field], &value))
				return -1;
			put_number(undump, value);
		}
		if (line_ends(undump, at))
			return -1;
	}
	return 0;
}

static size_t put_utf8(char *to, unsigned long code)
{
	if (code < 0x80)
		return to[0] = (char)code, 1;
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | (code >> 18 & 7));
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* What stands behind a backslash at *at, which moves on; the bytes are never more than the text that made them. */
static int read_escape(char **at, char *to, size_t *size)
{
	static const char letters[] = "abfnrtv\\'\"", meanings[] = "\a\b\f\n\r\t\v\\'\"";
	char letter = *(*at)++;
	const char *found = letter ? strchr(letters, letter) : NULL;
	if (found) {
		to[(*size)++] = meanings[found - letters];
		return 0;
	}
	int digits = letter == 'x'                    ? 2
		     : letter == 'u'                  ? 4
		     : letter == 'U'                  ? 8
		     : letter >= '0' && letter <= '7' ? 3
						      : 0;
	if (!digits)
		return -1;
	int base = digits == 3 ? 8 : 16;
	char copy[9] = "", *end;
	memcpy(copy, *at - (base == 8), strnlen(*at - (base == 8), (size_t)digits));
	unsigned long code = strtoul(copy, &end, base);
	if (end != copy + digits)
		return -1;
	*at += digits - (base == 8);
	if (letter == 'u' || letter == 'U')
		*size += put_utf8(to + *size, code);
	else
		to[(*size)++] = (char)code;
	return 0;
}

/* A line `data="…"`: its size and bytes. */
static int put_data(struct undump *undump)
{
	static const char word[] = "data=\"";
	char *at = next_line(undump);
	if (!at || strncmp(at, word, sizeof word - 1))
		return fail(undump, "data=\"...\" is missing");
	at += sizeof word - 1;
	char *bytes = at;
	size_t size = 0;
	while (*at && *at != '"') {
		if (*at != '\\') {
			bytes[size++] = *at++;
			continue;
		}
		at++;
		if (read_escape(&at, bytes, &size))
			return fail(undump, "a backslash with something behind it that has no meaning");
	}
	if (*at != '"' || at[1])
		return fail(undump, "the data do not end with their quote");
	put_number(undump, size);
	fwrite(bytes, 1, size, undump->output);
	return 0;
}

static int undump_event(struct undump *undump, char *line)
{
	size_t size = strcspn(line, " \t#");
	const struct go_event_type *type = type_of(line, size);
	if (!type)
		return error_set(undump->error, "line %lu: there is no event '%.*s'", undump->number,
				 (int)size, line);
	int number = (int)(type - go_event_types);
	char *at = line + size;
	uint64_t values[NUMBERS_MAX];
	unsigned count = 0;
	if (type->is_timed && read_argument(undump, &at, "dt", &values[count++]))
		return -1;
	for (unsigned i = 0; i < type->argument_count; i++)
		if (read_argument(undump, &at, type->arguments[i], &values[count++]))
			return -1;
	if (line_ends(undump, at))
		return -1;
	fputc(number, undump->output);
	for (unsigned i = 0; i < count; i++) {
		if (number == GO_EXPERIMENTAL_BATCH && i == 0)
			fputc((int)(values[0] & 0xff), undump->output);
		else
			put_number(undump, values[i]);
	}
	if (number == GO_STACK)
		return put_frames(undump, values[1]);
	return number == GO_STRING || number == GO_EXPERIMENTAL_BATCH ? put_data(undump) : 0;
}

static int undump_head(struct undump *undump)
{
	char *line = next_line(undump);
	char *end = NULL;
	unsigned long version = 0;
	if (line && !strncmp(line, trace_word, sizeof trace_word - 1))
		version = strtoul(line + sizeof trace_word - 1, &end, 10);
	if (version < 22 || version > 26 || line_ends(undump, end))
		return fail(undump, "the text of a Go trace begins with Trace Go1.22 (or 1.23, 1.25, 1.26)");
	char head[GO_HEAD_SIZE + 1] = {0};
	snprintf(head, sizeof head, "go 1.%lu trace", version);
	fwrite(head, 1, GO_HEAD_SIZE, undump->output);
	return 0;
}

int go_text_undump(FILE *text, FILE *output, struct error *out_error)
{
	struct undump undump = {.text = text, .output = output, .error = out_error};
	int result = undump_head(&undump);
	char *line;
	while (!result && (line = next_line(&undump)))
		result = undump_event(&undump, line);
	free(undump.line);
	return result;
}
