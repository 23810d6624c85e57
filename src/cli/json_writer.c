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

static void put(struct json_writer *json, const char *bytes, size_t size)
{
	while (size > JSON_ROOM - json->used) {
		size_t part = JSON_ROOM - json->used;
		memcpy(json->room + json->used, bytes, part);
		json->used = JSON_ROOM;
		json_flush(json);
		bytes += part;
		size -= part;
	}
	memcpy(json->room + json->used, bytes, size);
	json->used += size;
}

static void put_byte(struct json_writer *json, char byte)
{
	put(json, &byte, 1);
}

/* What stands before a value or key. */
static void separate(struct json_writer *json)
{
	if (json->needs_comma)
		put_byte(json, ',');
	if (json->is_line_due)
		put_byte(json, '\n');
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
