/* SPDX-License-Identifier: Apache-2.0 */
#include "block/schema_block.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>

static size_t encoded_max(const struct event_schema *schema)
{
	size_t most = WIRE_VARINT_MAX;
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++)
		if (schema->by_number[number])
			most += 5 * WIRE_VARINT_MAX + 2 * SCHEMA_NAME_MAX +
				EVENT_FIELDS_MAX * (2 * WIRE_VARINT_MAX + SCHEMA_NAME_MAX);
	return most;
}

static uint8_t *put_name(uint8_t *at, const char *name)
{
	return wire_put_text(at, name, name ? strlen(name) : 0);
}

uint8_t *schema_encode(const struct event_schema *schema, size_t *out_size)
{
	uint8_t *payload = memory_allocate(encoded_max(schema));
	unsigned count = 0;
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++)
		count += schema->by_number[number] != NULL;

	uint8_t *at = wire_put_uint(payload, count);
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *type = schema->by_number[number];
		if (!type)
			continue;
		at = wire_put_uint(at, number);
		at = wire_put_uint(at, type->shape);
		at = put_name(at, type->name);
		at = put_name(at, type->reason);
		at = wire_put_uint(at, type->field_count);
		for (unsigned i = 0; i < type->field_count; i++) {
			at = wire_put_uint(at, type->fields[i].type);
			at = put_name(at, type->fields[i].name);
		}
	}
	*out_size = (size_t)(at - payload);
	return payload;
}

int schema_name_is_valid(const char *name, size_t size)
{
	if (!size || size > SCHEMA_NAME_MAX || (name[0] >= '0' && name[0] <= '9'))
		return 0;
	for (size_t i = 0; i < size; i++)
		if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') ||
		      name[i] == '_'))
			return 0;
	return 1;
}

/* Reads on in the payload; once something is wrong `at` is NULL and everything read is zero. */
struct decoder {
	const uint8_t *at;
	const uint8_t *end;
	char *next_name; /* free room for names: a name and its zero take no more than its size and bytes in
			    the payload */
};

static uint64_t get_below(struct decoder *decoder, uint64_t limit)
{
	uint64_t value = 0;
	if (decoder->at)
		decoder->at = wire_get_uint(decoder->at, decoder->end, &value);
	if (decoder->at && value < limit)
		return value;
	decoder->at = NULL;
	return 0;
}

static const char *get_name(struct decoder *decoder, bool may_be_empty)
{
	uint64_t size = get_below(decoder, SCHEMA_NAME_MAX + 1);
	if (!decoder->at || (!size && may_be_empty))
		return NULL;
	if (size > (size_t)(decoder->end - decoder->at) ||
	    !schema_name_is_valid((const char *)decoder->at, size)) {
		decoder->at = NULL;
		return NULL;
	}
	char *name = decoder->next_name;
	memcpy(name, decoder->at, size);
	name[size] = '\0';
	decoder->next_name += size + 1;
	decoder->at += size;
	return name;
}

static void get_type(struct decoder *decoder, struct event_type *out_type)
{
	*out_type = (struct event_type){.number = (uint16_t)get_below(decoder, EVENT_NUMBER_LIMIT)};
	out_type->shape = (uint8_t)get_below(decoder, EVENT_RANGE + 1);
	out_type->name = get_name(decoder, 0);
	out_type->reason = get_name(decoder, 1);
	out_type->field_count = (uint8_t)get_below(decoder, EVENT_FIELDS_MAX + 1);
	for (unsigned i = 0; i < out_type->field_count; i++) {
		out_type->fields[i].type = (enum event_field_type)get_below(decoder, FIELD_TYPE_COUNT);
		out_type->fields[i].name = get_name(decoder, 0);
	}
}

/* The type as we call it: ours when the file's is the same, else the file's with our names. NULL when they
 * contradict. */
static const struct event_type *reconcile(struct event_type *type)
{
	const struct event_type *own = event_schema_own.by_number[type->number];
	if (!own)
		return type;
	if (own->shape != type->shape)
		return NULL;

	type->name = own->name;
	type->reason = own->reason;
	for (unsigned i = 0; i < type->field_count && i < own->field_count; i++) {
		if (type->fields[i].type != own->fields[i].type)
			return NULL;
		type->fields[i] = own->fields[i];
	}
	return type->field_count == own->field_count ? own : type;
}

/* Names are unique, or the text form could not tell types and fields apart. */
static bool has_own_names(const struct event_schema *schema, const struct event_type *type)
{
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *other = schema->by_number[number];
		if (other && number != type->number && !strcmp(other->name, type->name))
			return false;
	}
	for (unsigned i = 0; i < type->field_count; i++)
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(type->fields[i].name, type->fields[j].name))
				return false;
	return true;
}

int schema_decode(struct schema_table *table, const uint8_t *payload, size_t size, struct error *out_error)
{
	struct schema_table read = {.types = memory_allocate(EVENT_NUMBER_LIMIT * sizeof *read.types),
				    .names = memory_allocate(size)};
	struct decoder decoder = {payload, payload + size, read.names};
	uint64_t count = get_below(&decoder, EVENT_NUMBER_LIMIT);
	for (uint64_t i = 0; decoder.at && i < count; i++) {
		struct event_type type;
		get_type(&decoder, &type);
		if (!decoder.at || read.schema.by_number[type.number])
			break;
		read.types[type.number] = type;
		const struct event_type *known = reconcile(&read.types[type.number]);
		if (!known) {
			schema_table_fini(&read);
			return error_set(out_error, "event %u is declared otherwise than in this program",
					 type.number);
		}
		if (!has_own_names(&event_schema_own, known) || !has_own_names(&read.schema, known))
			break;
		read.schema.by_number[type.number] = known;
		if (i + 1 == count && decoder.at == decoder.end) {
			*table = read;
			return 0;
		}
	}
	schema_table_fini(&read);
	return error_set(out_error, "the table of events is malformed");
}

void schema_table_fini(struct schema_table *table)
{
	free(table->types);
	free(table->names);
	*table = (struct schema_table){0};
}
