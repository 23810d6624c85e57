/* SPDX-License-Identifier: Apache-2.0 */
/* json_writer.h — JSON written member by member, so that it never stands in memory whole.
 *
 * Commas are put where they belong. json_line before a value puts it on a line of its own.
 * Texts must be UTF-8 (clean_text.h sees to that); what JSON does not allow in them is escaped.
 * Broken:   whether the output took it all is for the caller to ask of the FILE.
 * Why own:  a report may have a million lanes; a tree of values for each took longer than all of the reading.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_ROOM = 64 * 1024 };

struct json_writer {
	FILE *output;
	size_t used;
	bool needs_comma, is_line_due;
	char room[JSON_ROOM];
};

void json_init(struct json_writer *json, FILE *output);
void json_flush(struct json_writer *json);

void json_begin_object(struct json_writer *json);
void json_end_object(struct json_writer *json);
void json_begin_array(struct json_writer *json);
void json_end_array(struct json_writer *json);

/* The key of the next value, in an object: one of ours, or any text. */
void json_key(struct json_writer *json, const char *key);
void json_key_text(struct json_writer *json, const char *key);

void json_number(struct json_writer *json, uint64_t value); /* above INT64_MAX: that */
void json_text(struct json_writer *json, const char *text); /* NULL is empty */
void json_bool(struct json_writer *json, bool value);

/* The next value, or its key, or the end of what is open, begins a line. */
void json_line(struct json_writer *json);

/* Members of an object. */
static inline void json_set_number(struct json_writer *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_number(json, value);
}

static inline void json_set_text(struct json_writer *json, const char *key, const char *text)
{
	json_key(json, key);
	json_text(json, text);
}

static inline void json_set_true(struct json_writer *json, const char *key)
{
	json_key(json, key);
	json_bool(json, true);
}
