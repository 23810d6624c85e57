/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/batch.h"
#include "trace/read/go/head.h"
#include "trace/read/go/text.h"
#include "trace/read/go/varint.h"
#include <inttypes.h>
#include <string.h>

struct dump {
	FILE *output;
	const uint8_t *at, *end; /* of a batch's body */
};

static void print_data(FILE *output, const uint8_t *bytes, size_t size)
{
	fputs("\tdata=\"", output);
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			fprintf(output, "\\%c", bytes[i]);
		else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			fputc(bytes[i], output);
		else
			fprintf(output, "\\x%02x", bytes[i]);
	}
	fputs("\"\n", output);
}

static int number(struct dump *dump, uint64_t *out_value)
{
	dump->at = go_varint(dump->at, dump->end, out_value);
	return dump->at ? 0 : -1;
}

static int dump_frames(struct dump *dump, uint64_t count)
{
	static const char *const names[] = {"pc", "func", "file", "line"};
	for (uint64_t i = 0; i < count; i++) {
		for (int field = 0; field < 4; field++) {
			uint64_t value;
			if (number(dump, &value))
				return -1;
			fprintf(dump->output, "%c%s=%" PRIu64, field ? ' ' : '\t', names[field], value);
		}
		fputc('\n', dump->output);
	}
	return 0;
}

static int dump_string(struct dump *dump)
{
	uint64_t size;
	if (number(dump, &size) || size > (size_t)(dump->end - dump->at))
		return -1;
	print_data(dump->output, dump->at, (size_t)size);
	dump->at += size;
	return 0;
}

/* One event of a batch's body. */
static int dump_event(struct dump *dump)
{
	uint8_t type_number = *dump->at++;
	const struct go_event_type *type = &go_event_types[type_number];
	if (!type->name)
		return -1;
	uint64_t values[GO_ARGUMENTS_MAX + 1];
	unsigned count = 0;
	/* All is read before anything is printed, so that half an event leaves half a line nowhere. */
	for (; count < type->argument_count + (unsigned)type->is_timed; count++)
		if (number(dump, &values[count]))
			return -1;
	fputs(type->name, dump->output);
	for (unsigned i = 0; i < count; i++)
		fprintf(dump->output, " %s=%" PRIu64,
			type->is_timed ? (i ? type->arguments[i - 1] : "dt") : type->arguments[i], values[i]);
	fputc('\n', dump->output);
	if (type_number == GO_STACK)
		return dump_frames(dump, values[1]);
	return type_number == GO_STRING ? dump_string(dump) : 0;
}

/* 0, or -1 when something in the body cannot be read. */
static int dump_batch(FILE *output, const struct go_batch *batch)
{
	if (batch->is_end_mark) {
		fputs("EndOfGeneration\n", output);
		return 0;
	}
	if (batch->experiment) {
		fprintf(output, "ExperimentalBatch exp=%u gen=%" PRIu64 " m=%" PRIu64 " time=%" PRIu64 "\n",
			batch->experiment, batch->generation, batch->m, batch->time);
		print_data(output, batch->body, batch->size);
		return 0;
	}
	fprintf(output, "EventBatch gen=%" PRIu64 " m=%" PRIu64 " time=%" PRIu64 " size=%" PRIu32 "\n",
		batch->generation, batch->m, batch->time, batch->size);
	struct dump dump = {output, batch->body, batch->body + batch->size};
	while (dump.at && dump.at < dump.end)
		if (dump_event(&dump))
			return -1;
	return 0;
}

int go_text_dump(struct byte_stream *stream, FILE *output, struct go_text_condition *out_condition,
		 struct error *out_error)
{
	struct go_text_condition condition = {0};
	unsigned version;
	if (go_head_read(stream, &version, out_error))
		return -1;
	fprintf(output, "Trace Go1.%u\n", version);
	for (;;) {
		struct go_batch batch;
		size_t size;
		struct error error;
		uint64_t at = byte_stream_position(stream);
		int result = go_batch_look(stream, &batch, &size, &error);
		if (result < 0) {
			fprintf(output, "# %s\n", error.text);
			condition.is_cut = 1;
			condition.cut_at = at;
		}
		if (result <= 0)
			break;
		if (dump_batch(output, &batch)) {
			fputs("# the rest of this batch cannot be read\n", output);
			if (!condition.damaged_batches++)
				condition.first_damage_at = at;
		}
		byte_stream_take(stream, size);
	}
	*out_condition = condition;
	return 0;
}
