/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text.h"
#include "block/text_word.h"
#include <errno.h>
#include <inttypes.h>

/* What this version declares in the same way need not be said. */
static void dump_types(const struct event_schema *schema, FILE *output)
{
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *type = schema->by_number[number];
		if (!type || type == event_schema_own.by_number[number])
			continue;
		fprintf(output, "type %u %s %s", number, type->name, text_shapes[type->shape]);
		if (type->reason)
			fprintf(output, ":%s", type->reason);
		for (unsigned i = 0; i < type->field_count; i++)
			fprintf(output, " %s:%s", type->fields[i].name,
				text_field_types[type->fields[i].type]);
		putc('\n', output);
	}
}

static void dump_slice(const struct trace_slice *slice, FILE *output)
{
	fprintf(output, "slice thread=%" PRIu64, slice->thread);
	if (slice->registers.time)
		fprintf(output, " time=%" PRIu64, slice->registers.time);
	if (slice->registers.address)
		fprintf(output, " address=0x%" PRIx64, slice->registers.address);
	putc('\n', output);
}

static void dump_value(const struct event_field *field, const struct event_value *value, FILE *output)
{
	fprintf(output, " %s=", field->name);
	switch (field->type) {
	case FIELD_UINT:
	case FIELD_STACK:
		fprintf(output, "%" PRIu64, value->number);
		break;
	case FIELD_SINT:
		fprintf(output, "%" PRId64, (int64_t)value->number);
		break;
	case FIELD_ADDRESS:
		fprintf(output, "0x%" PRIx64, value->number);
		break;
	case FIELD_TEXT:
		text_quote(output, value->text, value->number);
		break;
	}
}

static void dump_event(const struct event *event, FILE *output)
{
	fprintf(output, "%" PRIu64, event->time - event->duration);
	if (event->type->shape == EVENT_RANGE)
		fprintf(output, "+%" PRIu64, event->duration);
	fprintf(output, " %s", event->type->name);
	for (unsigned i = 0; i < event->type->field_count; i++)
		dump_value(&event->type->fields[i], &event->values[i], output);
	putc('\n', output);
}

int text_dump(struct trace_reader *reader, FILE *output, struct error *out_error)
{
	fprintf(output, "tickbird trace %d\n", TEXT_VERSION);
	dump_types(trace_reader_schema(reader), output);

	struct event event;
	const struct trace_slice *slice;
	uint64_t block = UINT64_MAX, number = UINT64_MAX;
	int found;
	while ((found = trace_reader_next(reader, &event, &slice, out_error)) > 0) {
		if (slice->block != block)
			fprintf(output, "\nblock clock=%s\n", text_clocks[slice->clock]);
		if (slice->number != number)
			dump_slice(slice, output);
		block = slice->block;
		number = slice->number;
		dump_event(&event, output);
		if (ferror(output))
			break;
	}
	if (found < 0)
		return -1;
	if (fflush(output) || ferror(output))
		return error_set_errno(out_error, errno, "cannot write the text");
	return 0;
}
