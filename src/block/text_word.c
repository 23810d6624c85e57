/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text_word.h"
#include <ctype.h>
#include "base/utf8.h"

const char *const text_shapes[] = {[EVENT_POINT] = "point", [EVENT_RANGE] = "range", NULL};
const char *const text_clocks[] = {[TRACE_CLOCK_MONOTONIC] = "monotonic", [TRACE_CLOCK_TSC] = "tsc", NULL};
const char *const text_field_types[] = {
	[FIELD_UINT] = "uint",   [FIELD_SINT] = "sint", [FIELD_ADDRESS] = "address",
	[FIELD_STACK] = "stack", [FIELD_TEXT] = "text", NULL};

int text_word_index(const char *const *words, const char *word, size_t size)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == size && !memcmp(words[i], word, size))
			return i;
	return -1;
}

/* Bytes of the character that begins here; 0 for a control character, which a terminal obeys, or no UTF-8. */
static size_t printable_size(const uint8_t *at, const uint8_t *end)
{
	size_t size = utf8_character_size(at, (size_t)(end - at));
	return size && utf8_is_control(at) ? 0 : size;
}

void text_quote(FILE *output, const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;
	putc('"', output);
	while (at < end) {
		size_t printable = printable_size(at, end);
		if (*at == '"' || *at == '\\')
			fprintf(output, "\\%c", *at);
		else if (printable)
			fwrite(at, 1, printable, output);
		else if (*at == '\n')
			fputs("\\n", output);
		else if (*at == '\r')
			fputs("\\r", output);
		else if (*at == '\t')
			fputs("\\t", output);
		else
			fprintf(output, "\\x%02x", *at);
		at += printable ? printable : 1;
	}
	putc('"', output);
}

static int hex_digit(char character)
{
	if (isdigit((unsigned char)character))
		return character - '0';
	return isxdigit((unsigned char)character) ? tolower((unsigned char)character) - 'a' + 10 : -1;
}

/* Reads the escape behind the backslash; the place behind it or NULL. */
static const char *unescape(const char *at, const char *end, uint8_t *out_byte)
{
	if (at == end)
		return NULL;
	switch (*at++) {
	case '"':
		*out_byte = '"';
		return at;
	case '\\':
		*out_byte = '\\';
		return at;
	case 'n':
		*out_byte = '\n';
		return at;
	case 'r':
		*out_byte = '\r';
		return at;
	case 't':
		*out_byte = '\t';
		return at;
	case 'x':
		if (end - at < 2 || hex_digit(at[0]) < 0 || hex_digit(at[1]) < 0)
			return NULL;
		*out_byte = (uint8_t)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
		return at + 2;
	}
	return NULL;
}

const char *text_unquote(const char *quoted, const char *end, uint8_t *out_bytes, size_t *out_size)
{
	size_t size = 0;
	for (const char *at = quoted; at && at < end;) {
		uint8_t byte = (uint8_t)*at++;
		if (byte == '"') {
			*out_size = size;
			return at;
		}
		if (byte == '\\')
			at = unescape(at, end, &byte);
		out_bytes[size++] = byte;
	}
	return NULL;
}
