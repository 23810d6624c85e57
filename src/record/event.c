/* SPDX-License-Identifier: Apache-2.0 */
#include "record/event.h"

int event_decode(const struct event_schema *schema, struct event_registers *registers, const uint8_t **at,
		 const uint8_t *end, struct event *out_event)
{
	const uint8_t *p = *at;
	if (p >= end)
		return 0;
	if (end - p > EVENT_SIZE_MAX)
		end = p + EVENT_SIZE_MAX;

	uint64_t number, duration = 0;
	int64_t distance;
	p = wire_get_uint(p, end, &number);
	if (!p || number >= EVENT_NUMBER_LIMIT || !schema->by_number[number])
		return -1;
	const struct event_type *type = schema->by_number[number];
	p = wire_get_sint(p, end, &distance);
	if (p && type->shape == EVENT_RANGE)
		p = wire_get_uint(p, end, &duration);

	struct event_registers after = {registers->time + (uint64_t)distance + duration, registers->address};
	memset(out_event->values, 0, sizeof out_event->values);
	for (unsigned i = 0; p && i < type->field_count; i++) {
		struct event_value *value = &out_event->values[i];
		int64_t sint = 0;
		switch (type->fields[i].type) {
		case FIELD_UINT:
		case FIELD_STACK:
			p = wire_get_uint(p, end, &value->number);
			break;
		case FIELD_SINT:
			p = wire_get_sint(p, end, &sint);
			value->number = (uint64_t)sint;
			break;
		case FIELD_ADDRESS:
			p = wire_get_sint(p, end, &sint);
			after.address += (uint64_t)sint;
			value->number = after.address;
			break;
		case FIELD_TEXT:
			p = wire_get_uint(p, end, &value->number);
			if (!p || value->number > (size_t)(end - p))
				return -1;
			value->text = p;
			p += value->number;
			break;
		}
	}
	if (!p)
		return -1;
	out_event->type = type;
	out_event->time = after.time;
	out_event->duration = duration;
	*registers = after;
	*at = p;
	return 1;
}

size_t event_encoded_max(const struct event *event)
{
	size_t most = 3 * WIRE_VARINT_MAX;
	for (unsigned i = 0; i < event->type->field_count; i++)
		most += WIRE_VARINT_MAX +
			(event->type->fields[i].type == FIELD_TEXT ? event->values[i].number : 0);
	return most;
}

void event_encode(struct event_cursor *cursor, const struct event *event)
{
	uint64_t start = event->time - event->duration;
	cursor->at = wire_put_uint(cursor->at, event->type->number);
	cursor->at = wire_put_sint(cursor->at, (int64_t)(start - cursor->registers.time));
	if (event->type->shape == EVENT_RANGE)
		cursor->at = wire_put_uint(cursor->at, event->duration);
	cursor->registers.time = event->time;

	for (unsigned i = 0; i < event->type->field_count; i++) {
		const struct event_value *value = &event->values[i];
		switch (event->type->fields[i].type) {
		case FIELD_UINT:
		case FIELD_STACK:
			cursor->at = wire_put_uint(cursor->at, value->number);
			break;
		case FIELD_SINT:
			cursor->at = wire_put_sint(cursor->at, (int64_t)value->number);
			break;
		case FIELD_ADDRESS:
			cursor->at = wire_put_sint(cursor->at,
						   (int64_t)(value->number - cursor->registers.address));
			cursor->registers.address = value->number;
			break;
		case FIELD_TEXT:
			cursor->at = wire_put_text(cursor->at, value->text, value->number);
			break;
		}
	}
}
