/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json_writer.h"
#include <string.h>

enum { DIGITS_MAX = 20 };

void json_init(struct json_writer *json, FILE *output)
{
	json->output = output;
	json->used = 0;
	json->needs_comma = json->is_line_due = false;
}

void json_flush(struct json_writer *json)
{
	fwrite(json->room, 1, json->used, json->output);
	json->used = 0;
}

/* Room for so many bytes, at most JSON_ROOM. */
static inline char *reserve(struct json_writer *json, size_t size)
{
	if (size > JSON_ROOM - json->used)
		json_flush(json);
	return json->room + json->used;
}

static void put(struct json_writer *json, const char *bytes, size_t size)
{
	while (size) {
		size_t part = size < JSON_ROOM ? size : JSON_ROOM;
		memcpy(reserve(json, part), bytes, part);
		json->used += part;
		bytes += part;
		size -= part;
	}
}

static void put_byte(struct json_writer *json, char byte)
{
	*reserve(json, 1) = byte;
	json->used++;
}

/* What stands before a value or key. */
static inline void separate(struct json_writer *json)
{
	char *at = reserve(json, 2);
	if (json->needs_comma)
		*at++ = ',';
	if (json->is_line_due)
		*at++ = '\n';
	json->used = (size_t)(at - json->room);
	json->needs_comma = json->is_line_due = false;
}

static void begin(struct json_writer *json, char bracket)
{
	separate(json);
	put_byte(json, bracket);
}

static void end(struct json_writer *json, char bracket)
{
	json->needs_comma = false;
	separate(json);
	put_byte(json, bracket);
	json->needs_comma = true;
}

void json_begin_object(struct json_writer *json)
{
	begin(json, '{');
}

void json_end_object(struct json_writer *json)
{
	end(json, '}');
}

void json_begin_array(struct json_writer *json)
{
	begin(json, '[');
}

void json_end_array(struct json_writer *json)
{
	end(json, ']');
}

static void put_quoted(struct json_writer *json, const char *text)
{
	put_byte(json, '"');
	for (;;) {
		size_t plain = 0;
		while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
			plain++;
		put(json, text, plain);
		text += plain;
		if (!*text)
			break;
		char escape[8];
		if (*text == '"' || *text == '\\')
			snprintf(escape, sizeof escape, "\\%c", *text);
		else
			snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)*text);
		put(json, escape, strlen(escape));
		text++;
	}
	put_byte(json, '"');
}

void json_key(struct json_writer *json, const char *key)
{
	separate(json);
	size_t size = strlen(key);
	char *at = reserve(json, size + 3);
	*at++ = '"';
	memcpy(at, key, size);
	at[size] = '"';
	at[size + 1] = ':';
	json->used += size + 3;
}

void json_key_text(struct json_writer *json, const char *key)
{
	separate(json);
	put_quoted(json, key);
	put_byte(json, ':');
}

void json_number(struct json_writer *json, uint64_t value)
{
	char digits[DIGITS_MAX], *at = digits + DIGITS_MAX;
	if (value > INT64_MAX)
		value = INT64_MAX;
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	separate(json);
	put(json, at, (size_t)(digits + DIGITS_MAX - at));
	json->needs_comma = true;
}

void json_text(struct json_writer *json, const char *text)
{
	separate(json);
	put_quoted(json, text ? text : "");
	json->needs_comma = true;
}

void json_bool(struct json_writer *json, bool value)
{
	separate(json);
	put(json, value ? "true" : "false", value ? 4 : 5);
	json->needs_comma = true;
}

void json_line(struct json_writer *json)
{
	json->is_line_due = true;
}
