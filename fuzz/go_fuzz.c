/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a Go trace: reported, strictly read, and printed as text; what is text of one is made into one first. */
#include "fuzz.h"
#include "trace/analyse/idle.h"
#include "trace/analyse/lane_times.h"
#include "trace/read/go/text.h"
#include "trace/read/go_account.h"
#include <stdlib.h>

/* Low, so that inputs reach them. */
static const struct go_limits limits = {.generation_bytes = 1 << 20,
					.table_entries = 1000,
					.threads = 100,
					.goroutines = 1000,
					.tasks = 100,
					.nesting = 10,
					.names = 1000};

/* Whatever the trace says, a lane's time is the sum of its parts. */
static void check_lanes(const struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->lane_count; i++) {
		const struct lane *lane = &ledger->lanes[i];
		uint64_t parts = lane->running_ns + lane->call_ns + lane->runnable_ns + lane->throttled_ns +
				 lane->unknown_ns + lane_waiting(ledger, lane, 0) +
				 lane_waiting(ledger, lane, 1);
		if (parts != lane_life(lane))
			abort();
	}
}

static void account(const uint8_t *bytes, size_t size, bool is_strict)
{
	struct byte_span rest = {bytes, size};
	struct error error;
	struct survey survey = {0};
	struct ledger ledger;
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &error);
	struct go_account *account =
		stream ? go_account_open(stream, &survey, 1, &limits, is_strict, &error) : NULL;
	ledger_init(&ledger, 0, UINT64_MAX);
	if (account && !go_account_read(account, &ledger, NULL, NULL, &error)) {
		idle_mark(&survey, &ledger);
		span_kinds_settle(&ledger.spans);
		check_lanes(&ledger);
	}
	ledger_fini(&ledger);
	go_account_close(account);
	survey_fini(&survey);
	byte_stream_close(stream);
}

static void print(const uint8_t *bytes, size_t size)
{
	struct byte_span rest = {bytes, size};
	struct error error;
	struct go_text_condition condition;
	char *text = NULL;
	size_t text_size;
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &error);
	FILE *output = open_memstream(&text, &text_size);
	if (stream)
		go_text_dump(stream, output, &condition, &error);
	fclose(output);
	byte_stream_close(stream);
	free(text);
}

static void take(const uint8_t *bytes, size_t size)
{
	account(bytes, size, false);
	account(bytes, size, true);
	print(bytes, size);
}

static void take_text(const uint8_t *bytes, size_t size)
{
	struct error error;
	char *trace = NULL;
	size_t trace_size;
	FILE *input = fmemopen((void *)(uintptr_t)bytes, size, "r");
	FILE *output = open_memstream(&trace, &trace_size);
	int result = go_text_undump(input, output, &error);
	fclose(input);
	fclose(output);
	if (!result)
		take((const uint8_t *)trace, trace_size);
	free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size && bytes[0] == GO_TEXT_FIRST)
		take_text(bytes, size);
	else
		take(bytes, size);
	return 0;
}
