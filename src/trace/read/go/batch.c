/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/batch.h"
#include "trace/read/go/varint.h"
#include <inttypes.h>
#include <stdbool.h>

/* A byte and the experiment's, and four numbers. */
enum { HEAD_MAX = 2 + 4 * GO_VARINT_MAX };

static int bad_start(uint8_t byte, struct error *out_error)
{
	return error_set(out_error, "a batch should begin here, not event %u", byte);
}

/* 1 and how long the head is; 0 at the end; -1. fields: how many of generation, M, time, size. */
static int read_head(const struct byte_span *span, struct go_batch *batch, uint64_t fields[4],
		     int field_count, size_t *out_size, struct error *out_error)
{
	static const char *const names[] = {"generation", "thread", "time", "size"};
	if (!span->size)
		return 0;
	const uint8_t *at = span->bytes, *end = at + span->size;
	uint8_t first = *at++;
	if (first == GO_END_OF_GENERATION) {
		*batch = (struct go_batch){.m = GO_NONE, .is_end_mark = 1};
		*out_size = 1;
		return 1;
	}
	if (first != GO_EVENT_BATCH && first != GO_EXPERIMENTAL_BATCH)
		return bad_start(first, out_error);
	*batch = (struct go_batch){0};
	if (first == GO_EXPERIMENTAL_BATCH) {
		if (at == end)
			return error_set(out_error, "the trace ends within a batch's head");
		batch->experiment = *at++;
	}
	for (int i = 0; i < field_count; i++) {
		at = go_varint(at, end, &fields[i]);
		if (!at)
			return error_set(out_error, "the %s of a batch cannot be read", names[i]);
	}
	*out_size = (size_t)(at - span->bytes);
	return 1;
}

int go_batch_look(struct byte_stream *stream, struct go_batch *out_batch, size_t *out_size,
		  struct error *out_error)
{
	struct byte_span span;
	uint64_t fields[4];
	struct go_batch batch;
	if (byte_stream_look(stream, HEAD_MAX + GO_BATCH_SIZE_MAX, &span, out_error))
		return -1;
	int result = read_head(&span, &batch, fields, 4, out_size, out_error);
	if (result > 0 && !batch.is_end_mark) {
		batch.generation = fields[0];
		batch.m = fields[1];
		batch.time = fields[2];
		if (fields[3] > GO_BATCH_SIZE_MAX)
			return error_set(out_error, "a batch of %" PRIu64 " bytes, at most %d are allowed",
					 fields[3], GO_BATCH_SIZE_MAX);
		if (fields[3] > span.size - *out_size)
			return error_set(out_error, "the trace ends within a batch");
		batch.body = span.bytes + *out_size;
		batch.size = (uint32_t)fields[3];
		*out_size += batch.size;
	}
	*out_batch = batch;
	return result;
}

int go_batch_look_generation(struct byte_stream *stream, uint64_t *out_generation, bool *out_is_end_mark,
			     struct error *out_error)
{
	struct byte_span span;
	struct go_batch batch;
	uint64_t generation[4] = {0};
	size_t size;
	if (byte_stream_look(stream, HEAD_MAX, &span, out_error))
		return -1;
	int result = read_head(&span, &batch, generation, 1, &size, out_error);
	*out_generation = generation[0];
	*out_is_end_mark = result > 0 && batch.is_end_mark;
	return result;
}

enum go_batch_kind go_batch_kind(const struct go_batch *batch, unsigned version)
{
	if (batch->experiment)
		return GO_BATCH_EXPERIMENT;
	if (!batch->size)
		return GO_BATCH_EVENTS;
	switch (batch->body[0]) {
	case GO_STACKS:
		return GO_BATCH_STACKS;
	case GO_STRINGS:
		return GO_BATCH_STRINGS;
	case GO_CPU_SAMPLES:
		return GO_BATCH_SAMPLES;
	case GO_FREQUENCY:
		return version < 25 ? GO_BATCH_CLOCK : GO_BATCH_EVENTS;
	case GO_SYNC:
		return version >= 25 ? GO_BATCH_CLOCK : GO_BATCH_EVENTS;
	default:
		return GO_BATCH_EVENTS;
	}
}
