/* SPDX-License-Identifier: Apache-2.0 */
/* survey.h — the first reading of a trace: who and what its events speak of.
 *
 * Words:    a survey is everything but the waits themselves: the recording, clock, processes, threads, code, stacks and
 *           descriptor names. It is complete before the second reading (account.h) begins, so that times are interpolated
 *           between pairs on both sides and a wait finds the name that its descriptor gets only later in the file.
 * Threads:  one survey, one thread.
 * Memory:   grows with what the tables hold (see their headers), not with the number of waits.
 */
#pragma once
#include <stdbool.h>
#include "trace/model/clock_map.h"
#include "trace/model/code_table.h"
#include "trace/model/descriptor_names.h"
#include "trace/model/process_table.h"
#include "trace/model/stack_table.h"
#include "trace/model/string_table.h"

struct recording {
	char *command, *directory, *recorder;               /* owned; NULL when the file does not say */
	char *kernel, *cpu_model, *hostname, *clock_source; /* owned; NULL when the file does not say */
	uint64_t cpus;
	uint64_t realtime_ns; /* wall clock at the start */
	uint64_t threshold_ns;
	bool has_start, has_end; /* an end that was recorded; else the last event stands for it */
	uint64_t exit_code;
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC, once settled */
	uint64_t events, lost_events;
};

struct survey {
	struct recording recording;
	struct trace_condition condition; /* of the file */
	struct clock_map clock;
	struct process_table processes;
	struct string_table strings;
	struct code_table code;
	struct stack_table stacks;
	struct descriptor_names descriptors;

	struct trace_moment start, end;
	uint64_t first_tick[TRACE_CLOCK_COUNT], last_tick[TRACE_CLOCK_COUNT]; /* of everything */
	bool has_ticks[TRACE_CLOCK_COUNT];
	uint64_t lost_told, lost_at_end; /* events: by `lost`, by recording_end */
};

/* All zero is an empty survey. */
void survey_fini(struct survey *survey);

/* Takes one event; for those who make events themselves. */
void survey_event(struct survey *survey, const struct event *event, uint64_t thread, enum trace_clock clock);

/* Makes times of ticks; call once behind the last event. */
void survey_settle(struct survey *survey);

/* Reads the whole trace and settles. Returns -1 with an error when the source fails. */
int survey_read(struct survey *survey, struct trace_reader *reader, struct error *out_error);
