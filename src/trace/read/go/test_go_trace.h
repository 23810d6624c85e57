/* SPDX-License-Identifier: Apache-2.0 */
/* test_go_trace.h — a Go trace told by a test as text, and read. */
#pragma once
#include "base/memory.h"
#include "trace/read/go/reader.h"
#include "trace/read/go/text.h"
#include "trace/read/go/varint.h"
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

/* Limits that no test meets unless it sets them lower. */
static const struct go_limits roomy_limits = {.generation_bytes = 1 << 30,
					      .table_entries = 1 << 20,
					      .threads = 1 << 16,
					      .goroutines = 1 << 20,
					      .tasks = 1 << 20,
					      .nesting = 1000,
					      .names = 1 << 20};

/* The bytes of the trace that the text describes; the caller frees. NULL with an error. */
static inline uint8_t *trace_of_text(const char *text, size_t text_size, size_t *out_size,
				     struct error *out_error)
{
	char *bytes = NULL;
	FILE *input = fmemopen((char *)(uintptr_t)text, text_size, "r");
	FILE *output = open_memstream(&bytes, out_size);
	int result = go_text_undump(input, output, out_error);
	fclose(input);
	fclose(output);
	if (!result)
		return (uint8_t *)bytes;
	free(bytes);
	return NULL;
}

/* What came of reading a trace to its end. */
struct reading {
	bool is_accepted;
	struct error error;
	struct go_condition condition;
	uint64_t events, syncs, losses, last_ns;
};

static inline struct reading read_trace(const uint8_t *bytes, size_t size, const struct go_limits *limits,
					bool is_strict)
{
	struct reading reading = {0};
	struct byte_span rest = {bytes, size};
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &reading.error);
	struct go_reader *reader = stream ? go_reader_open(stream, limits, is_strict, &reading.error) : NULL;
	const struct go_event *event;
	int result = reader ? 1 : -1;
	while (result > 0 && (result = go_reader_next(reader, &event, &reading.error)) > 0) {
		reading.events++;
		reading.syncs += event->type == GO_EVENT_SYNC;
		reading.losses += event->type == GO_EVENT_LOST;
		if (event->time_ns <= reading.last_ns)
			abort(); /* times grow strictly */
		reading.last_ns = event->time_ns;
	}
	reading.is_accepted = result == 0;
	if (reader)
		reading.condition = go_reader_condition(reader);
	go_reader_close(reader);
	byte_stream_close(stream);
	return reading;
}
