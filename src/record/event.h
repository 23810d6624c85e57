/* SPDX-License-Identifier: Apache-2.0 */
/* event.h — events as bytes: what schema/events.toml declares, read and written by its table.
 *
 * Words:    an event's type has a number, a name and fields; a schema is the types of one file, found by number.
 *           A writer that knows its event uses the generated event_put_… (straight-line); this page is for those
 *           who do not.
 * Layout:   type (varint) · time as distance from the registers' time (sint) · for a range its duration (varint)
 *           · fields. The time of a range is told by its start; afterwards the registers' time is its end.
 * Threads:  no state; the values of a decoded event point into the bytes it came from.
 * Promise:  decoding reads nothing behind `end`, whatever the bytes are; malformed bytes leave the position and
 *           the registers as they were.
 */
#pragma once
#include "record/wire.h"
#include "record/event_types.h"

enum {
	EVENT_NUMBER_LIMIT = 128, /* numbers are below this */
	EVENT_FIELDS_MAX = 8,
	EVENT_ROUND_NS = 1000000000, /* facts that repeat (clock pairs, totals) are told at least so often */
	EVENT_SIZE_MAX = 64 * 1024,  /* bytes of one event with its texts; longer ones are malformed */
};

enum event_shape { EVENT_POINT, EVENT_RANGE };
enum event_field_type { FIELD_UINT, FIELD_SINT, FIELD_ADDRESS, FIELD_STACK, FIELD_TEXT };
enum { FIELD_TYPE_COUNT = FIELD_TEXT + 1 };

struct event_field {
	const char *name;
	enum event_field_type type;
};

struct event_type {
	uint16_t number;
	uint8_t shape; /* enum event_shape */
	uint8_t field_count;
	const char *name;
	const char *reason; /* of a wait, as the report names it; else NULL */
	struct event_field fields[EVENT_FIELDS_MAX];
};

struct event_schema {
	const struct event_type *by_number[EVENT_NUMBER_LIMIT];
};

/* What this version declares. */
extern const struct event_schema event_schema_own;

struct event_value {
	uint64_t number;     /* FIELD_SINT: the int64_t's bits; FIELD_TEXT: the size in bytes */
	const uint8_t *text; /* FIELD_TEXT only; not terminated */
};

struct event {
	const struct event_type *type;
	uint64_t time;                               /* ticks; of a range its end */
	uint64_t duration;                           /* ticks; 0 for a point */
	struct event_value values[EVENT_FIELDS_MAX]; /* a field that the writer did not know yet is zero */
};

/* Reads the event at *at, moves *at and the registers behind it. schema: that of the writer.
 * Returns 1; 0 when *at is `end`; -1 when the bytes are malformed, cut, or of a type that the schema does not
 * have. */
int event_decode(const struct event_schema *schema, struct event_registers *registers, const uint8_t **at,
		 const uint8_t *end, struct event *out_event);

/* Most bytes event_encode can write for this event. */
size_t event_encoded_max(const struct event *event);

/* Writes the event at the cursor, where event_encoded_max bytes must be free. */
void event_encode(struct event_cursor *cursor, const struct event *event);
