/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text.h"
#include "base/memory.h"
#include "block/schema_block.h"
#include "block/text_line.h"
#include "block/text_word.h"
#include <stdbool.h>
#include <stdlib.h>

/* Room for the slice being put together: one event more than the most it may hold. */
enum { SLICE_ROOM = TRACE_SLICE_MAX + EVENT_SIZE_MAX + (3 + EVENT_FIELDS_MAX) * WIRE_VARINT_MAX };

struct undump {
	struct trace_sink sink;
	struct trace_writer *writer; /* NULL as long as types may still be declared */
	struct event_schema declared;
	struct event_type types[EVENT_NUMBER_LIMIT]; /* those that the text declares; names in `names` */
	char *names[EVENT_NUMBER_LIMIT * (2 + EVENT_FIELDS_MAX)];
	size_t name_count;
	struct schema_table schema; /* of the writer */
	bool has_head;

	enum trace_clock clock; /* of the block */
	uint64_t thread;
	struct event_registers registers; /* at the beginning of the slice */
	uint8_t *slice;
	struct event_cursor cursor;
	uint64_t events, first_time, last_time;
};

static void end_slice(struct undump *undump)
{
	size_t size = (size_t)(undump->cursor.at - undump->slice);
	if (size)
		trace_writer_slice(undump->writer, undump->thread, undump->clock, undump->registers,
				   undump->slice, size, undump->events, undump->first_time,
				   undump->last_time);
	undump->events = 0;
}

static void begin_slice(struct undump *undump, uint64_t thread, struct event_registers registers)
{
	undump->thread = thread;
	undump->registers = registers;
	undump->cursor = (struct event_cursor){undump->slice, registers};
}

/* The schema is complete with the first line that is no type. */
static int begin_writing(struct undump *undump, struct error *out_error)
{
	if (undump->writer)
		return 0;
	size_t size;
	uint8_t *payload = schema_encode(&undump->declared, &size);
	int result = schema_decode(&undump->schema, payload, size, out_error);
	free(payload);
	if (result)
		return -1;
	undump->writer = trace_writer_create_for(undump->sink, &undump->schema.schema);
	return 0;
}

static int read_head(struct undump *undump, struct text_line *line, struct error *out_error)
{
	uint64_t version;
	if (!text_line_is(line, "tickbird") || !text_line_is(line, "trace") || text_line_uint(line, &version))
		return error_set(out_error, "not a trace as text, which begins with 'tickbird trace %d'",
				 TEXT_VERSION);
	if (version != TEXT_VERSION)
		return error_set(
			out_error,
			"the text is of version %llu and this program reads version %d: use another tickbird",
			(unsigned long long)version, TEXT_VERSION);
	undump->has_head = true;
	return 0;
}

static const char *keep_name(struct undump *undump, struct text_name name)
{
	char *copy = memory_copy_text(name.text, name.size);
	undump->names[undump->name_count++] = copy;
	return copy;
}

/* field:type */
static int read_field(struct undump *undump, struct text_line *line, struct event_type *type,
		      struct error *out_error)
{
	struct text_name name = text_line_name(line), type_name = {0};
	int field_type = -1;
	if (schema_name_is_valid(name.text, name.size) && text_line_take(line, ':')) {
		type_name = text_line_name(line);
		field_type = text_word_index(text_field_types, type_name.text, type_name.size);
	}
	if (field_type < 0)
		return error_set(
			out_error,
			"a field is declared as NAME:TYPE; types are uint, sint, address, stack, text");
	if (type->field_count == EVENT_FIELDS_MAX)
		return error_set(out_error, "an event has at most %d fields", EVENT_FIELDS_MAX);
	type->fields[type->field_count++] =
		(struct event_field){keep_name(undump, name), (enum event_field_type)field_type};
	return 0;
}

/* type NUMBER NAME point|range[:REASON] [FIELD:TYPE]... */
static int read_type(struct undump *undump, struct text_line *line, struct error *out_error)
{
	if (undump->writer)
		return error_set(out_error, "types are declared before the first block, slice and event");

	uint64_t number;
	if (text_line_uint(line, &number) || !number || number >= EVENT_NUMBER_LIMIT)
		return error_set(out_error, "the number of a type is from 1 to %d", EVENT_NUMBER_LIMIT - 1);
	struct event_type *type = &undump->types[number];
	if (type->number)
		return error_set(out_error, "event %u is declared twice", type->number);

	struct text_name name = text_line_name(line), shape_name = text_line_name(line), reason = {0};
	int shape = text_word_index(text_shapes, shape_name.text, shape_name.size);
	if (text_line_take(line, ':'))
		reason = text_line_name(line);
	if (!schema_name_is_valid(name.text, name.size) || shape < 0 ||
	    (reason.text && !schema_name_is_valid(reason.text, reason.size)))
		return error_set(
			out_error,
			"a type is declared as: type NUMBER NAME point|range[:REASON] [FIELD:TYPE]...");

	*type = (struct event_type){.number = (uint16_t)number,
				    .shape = (uint8_t)shape,
				    .name = keep_name(undump, name),
				    .reason = reason.text ? keep_name(undump, reason) : NULL};
	undump->declared.by_number[number] = type;
	while (!text_line_ends(line))
		if (read_field(undump, line, type, out_error))
			return -1;
	return 0;
}

/* block [clock=CLOCK] */
static int read_block(struct undump *undump, struct text_line *line, struct error *out_error)
{
	enum trace_clock clock = TRACE_CLOCK_MONOTONIC;
	if (text_line_is(line, "clock") && text_line_take(line, '=')) {
		struct text_name name = text_line_name(line);
		int index = text_word_index(text_clocks, name.text, name.size);
		if (index < 0)
			return error_set(out_error, "there is no clock '%.*s'; clocks are monotonic, tsc",
					 (int)name.size, name.text);
		clock = (enum trace_clock)index;
	}
	end_slice(undump);
	trace_writer_flush(undump->writer);
	begin_slice(undump, 0, (struct event_registers){0});
	undump->clock = clock;
	return 0;
}

/* slice [thread=NUMBER] [time=TICKS] [address=ADDRESS] */
static int read_slice(struct undump *undump, struct text_line *line, struct error *out_error)
{
	uint64_t thread = 0;
	struct event_registers registers = {0};
	while (!text_line_ends(line)) {
		uint64_t *value = text_line_is(line, "thread")    ? &thread
				  : text_line_is(line, "time")    ? &registers.time
				  : text_line_is(line, "address") ? &registers.address
								  : NULL;
		if (!value || !text_line_take(line, '=') || text_line_uint(line, value))
			return error_set(out_error,
					 "a slice is: slice [thread=NUMBER] [time=TICKS] [address=ADDRESS]");
	}
	end_slice(undump);
	begin_slice(undump, thread, registers);
	return 0;
}

static const struct event_type *find_type(const struct event_schema *schema, struct text_name name)
{
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *type = schema->by_number[number];
		if (type && strlen(type->name) == name.size && !memcmp(type->name, name.text, name.size))
			return type;
	}
	return NULL;
}

static int find_field(const struct event_type *type, struct text_name name)
{
	for (int i = 0; i < type->field_count; i++)
		if (strlen(type->fields[i].name) == name.size &&
		    !memcmp(type->fields[i].name, name.text, name.size))
			return i;
	return -1;
}

static int read_value(struct text_line *line, enum event_field_type type, struct event_value *value)
{
	switch (type) {
	case FIELD_UINT:
	case FIELD_ADDRESS:
	case FIELD_STACK:
		return text_line_uint(line, &value->number);
	case FIELD_SINT:
		return text_line_sint(line, &value->number);
	case FIELD_TEXT:
		return text_line_quoted(line, value);
	}
	return -1;
}

static int read_values(struct text_line *line, struct event *event, struct error *out_error)
{
	const struct event_type *type = event->type;
	unsigned seen = 0;
	while (!text_line_ends(line)) {
		struct text_name name = text_line_name(line);
		int field = find_field(type, name);
		if (field < 0)
			return error_set(out_error, "%s has no field '%.*s'", type->name, (int)name.size,
					 name.text);
		const char *field_name = type->fields[field].name;
		if (seen & 1u << field)
			return error_set(out_error, "the field %s stands here twice", field_name);
		seen |= 1u << field;
		if (!text_line_take(line, '=') ||
		    read_value(line, type->fields[field].type, &event->values[field]))
			return error_set(out_error, "%s is written %s=VALUE, the value being a %s",
					 field_name, field_name, text_field_types[type->fields[field].type]);
	}
	return 0;
}

/* START[+DURATION] NAME [FIELD=VALUE]... */
static int read_event(struct undump *undump, struct text_line *line, struct error *out_error)
{
	uint64_t start, duration = 0;
	if (text_line_uint(line, &start))
		return error_set(out_error, "a line begins with a time, type, block, slice or #");
	bool is_range = text_line_take(line, '+');
	if (is_range && text_line_uint(line, &duration))
		return error_set(out_error, "a range is START+DURATION, both in ticks");

	struct text_name name = text_line_name(line);
	struct event event = {.type = find_type(&undump->schema.schema, name),
			      .time = start + duration,
			      .duration = duration};
	if (!event.type)
		return error_set(out_error, "there is no event '%.*s'", (int)name.size, name.text);
	if (is_range && event.type->shape == EVENT_POINT)
		return error_set(out_error, "%s is a point in time, without a duration", event.type->name);
	if (read_values(line, &event, out_error))
		return -1;

	uint64_t text_size = 0;
	for (unsigned i = 0; i < event.type->field_count; i++)
		text_size += event.type->fields[i].type == FIELD_TEXT ? event.values[i].number : 0;
	if (text_size > EVENT_SIZE_MAX)
		return error_set(out_error, "the event is bigger than %d bytes", EVENT_SIZE_MAX);
	const uint8_t *before = undump->cursor.at;
	event_encode(&undump->cursor, &event);
	if (undump->cursor.at - before > EVENT_SIZE_MAX)
		return error_set(out_error, "the event is bigger than %d bytes", EVENT_SIZE_MAX);
	if (undump->cursor.at - undump->slice > TRACE_SLICE_MAX)
		return error_set(out_error, "the slice is bigger than %d bytes: begin another one",
				 TRACE_SLICE_MAX);

	if (!undump->events || start < undump->first_time)
		undump->first_time = start;
	if (!undump->events || event.time > undump->last_time)
		undump->last_time = event.time;
	undump->events++;
	return 0;
}

static int read_line(struct undump *undump, struct text_line *line, struct error *out_error)
{
	if (text_line_ends(line))
		return 0;
	int result;
	if (!undump->has_head)
		result = read_head(undump, line, out_error);
	else if (text_line_is(line, "type"))
		result = read_type(undump, line, out_error);
	else if (begin_writing(undump, out_error))
		result = -1;
	else if (text_line_is(line, "block"))
		result = read_block(undump, line, out_error);
	else if (text_line_is(line, "slice"))
		result = read_slice(undump, line, out_error);
	else
		result = read_event(undump, line, out_error);
	if (!result && !text_line_ends(line))
		return error_set(out_error, "what stands at column %zu does not belong there",
				 (size_t)(line->at - line->text) + 1);
	return result;
}

static int read_all(struct undump *undump, FILE *input, struct error *out_error)
{
	struct text_line line;
	text_line_init(&line);
	struct error error;
	int result;
	while ((result = text_line_read(&line, input, &error)) > 0 &&
	       !(result = read_line(undump, &line, &error)))
		;
	if (!result && !undump->has_head)
		result = read_head(undump, &line, &error);
	if (!result && begin_writing(undump, &error))
		result = -1;
	if (result)
		error_set(out_error, "line %llu: %s", (unsigned long long)line.number, error.text);
	text_line_fini(&line);
	return result;
}

int text_undump(FILE *input, struct trace_sink sink, struct error *out_error)
{
	struct undump *undump = memory_allocate(sizeof *undump);
	undump->sink = sink;
	undump->declared = event_schema_own;
	undump->slice = memory_allocate(SLICE_ROOM);
	begin_slice(undump, 0, (struct event_registers){0});

	int result = read_all(undump, input, out_error);
	if (!result) {
		end_slice(undump);
		result = trace_writer_finish(undump->writer, out_error);
	}
	trace_writer_destroy(undump->writer);
	schema_table_fini(&undump->schema);
	for (size_t i = 0; i < undump->name_count; i++)
		free(undump->names[i]);
	free(undump->slice);
	free(undump);
	return result;
}
