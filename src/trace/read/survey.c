/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/survey.h"
#include "trace/model/clean_text.h"
#include <stdlib.h>

void survey_fini(struct survey *survey)
{
	struct recording *recording = &survey->recording;
	char *texts[] = {recording->command,     recording->directory, recording->recorder,
			 recording->kernel,      recording->cpu_model, recording->hostname,
			 recording->clock_source};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	clock_map_fini(&survey->clock);
	process_table_fini(&survey->processes);
	string_table_fini(&survey->strings);
	code_table_fini(&survey->code);
	stack_table_fini(&survey->stacks);
	descriptor_names_fini(&survey->descriptors);
	*survey = (struct survey){0};
}

static void replace_text(char **text, const struct event_value *value)
{
	free(*text);
	*text = clean_text_of(value);
}

static void take_process(struct survey *survey, const struct event_value *values, struct trace_moment moment)
{
	uint32_t index =
		process_table_process(&survey->processes, values[EVENT_PROCESS_START_PROCESS].number);
	struct process *process = &survey->processes.processes[index];
	process->pid = values[EVENT_PROCESS_START_PID].number;
	process->parent_pid = values[EVENT_PROCESS_START_PARENT_PID].number;
	process->start = moment;
	process->has_start = 1;
	replace_text(&process->executable, &values[EVENT_PROCESS_START_EXECUTABLE]);
	replace_text(&process->command, &values[EVENT_PROCESS_START_COMMAND]);
}

static struct thread *thread_of(struct survey *survey, uint64_t number)
{
	uint32_t index = process_table_thread(&survey->processes, number);
	return &survey->processes.threads[index];
}

static void take_thread(struct survey *survey, const struct event_value *values, struct trace_moment moment)
{
	struct thread *thread = thread_of(survey, values[EVENT_THREAD_THREAD].number);
	thread->process = process_table_process(&survey->processes, values[EVENT_THREAD_PROCESS].number);
	thread->tid = values[EVENT_THREAD_TID].number;
	thread_seen(thread, moment.clock, moment.ticks, moment.ticks);
}

static void take_frame(struct survey *survey, const struct event_value *values)
{
	uint64_t process = values[EVENT_FRAME_PROCESS].number, module = values[EVENT_FRAME_MODULE].number;
	struct code_place place = {process, process ? 0 : module, values[EVENT_FRAME_PC].number};
	code_table_frame(&survey->code, (struct code_frame){
						.place = place,
						.inline_depth = values[EVENT_FRAME_INLINE_DEPTH].number,
						.function = values[EVENT_FRAME_FUNCTION].number,
						.file = values[EVENT_FRAME_FILE].number,
						.line = values[EVENT_FRAME_LINE].number,
						.module = module,
					});
}

static void take_mapping(struct survey *survey, const struct event_value *values, struct trace_moment moment)
{
	code_table_map(&survey->code, (struct code_mapping){
					      .process = values[EVENT_MAPPING_PROCESS].number,
					      .start = values[EVENT_MAPPING_START].number,
					      .size = values[EVENT_MAPPING_SIZE].number,
					      .file_offset = values[EVENT_MAPPING_FILE_OFFSET].number,
					      .module = values[EVENT_MAPPING_MODULE].number,
					      .from = moment,
				      });
}

static void take_stack_node(struct survey *survey, const struct event_value *values,
			    struct trace_moment moment)
{
	uint64_t kind = values[EVENT_STACK_NODE_KIND].number;
	struct stack_node node = {
		.parent = values[EVENT_STACK_NODE_PARENT].number,
		.pc = values[EVENT_STACK_NODE_PC].number,
		.seen = moment,
		.kind = kind > UINT8_MAX ? UINT8_MAX : (uint8_t)kind,
	};
	stack_table_add(&survey->stacks, values[EVENT_STACK_NODE_PROCESS].number,
			values[EVENT_STACK_NODE_NODE].number, node);
}

static void take_recording_start(struct survey *survey, const struct event_value *values,
				 struct trace_moment moment)
{
	struct recording *recording = &survey->recording;
	survey->start = moment;
	recording->has_start = 1;
	recording->realtime_ns = values[EVENT_RECORDING_START_REALTIME_NS].number;
	recording->threshold_ns = values[EVENT_RECORDING_START_THRESHOLD_NS].number;
	replace_text(&recording->command, &values[EVENT_RECORDING_START_COMMAND]);
	replace_text(&recording->directory, &values[EVENT_RECORDING_START_DIRECTORY]);
	replace_text(&recording->recorder, &values[EVENT_RECORDING_START_RECORDER]);
}

static void take_host(struct recording *recording, const struct event_value *values)
{
	recording->cpus = values[EVENT_HOST_CPUS].number;
	replace_text(&recording->kernel, &values[EVENT_HOST_KERNEL]);
	replace_text(&recording->cpu_model, &values[EVENT_HOST_CPU_MODEL]);
	replace_text(&recording->hostname, &values[EVENT_HOST_HOSTNAME]);
	replace_text(&recording->clock_source, &values[EVENT_HOST_CLOCK_SOURCE]);
}

/* What the agent says of the recording, its processes, code and names. */
static void take_fact(struct survey *survey, const struct event *event, struct trace_moment moment)
{
	const struct event_value *values = event->values;
	struct process_table *processes = &survey->processes;
	uint32_t index;
	switch (event->type->number) {
	case EVENT_RECORDING_START:
		take_recording_start(survey, values, moment);
		break;
	case EVENT_RECORDING_END:
		survey->end = moment;
		survey->recording.has_end = 1;
		survey->recording.exit_code = values[EVENT_RECORDING_END_EXIT_CODE].number;
		survey->lost_at_end = values[EVENT_RECORDING_END_LOST_EVENTS].number;
		break;
	case EVENT_HOST:
		take_host(&survey->recording, values);
		break;
	case EVENT_CLOCK_PAIR:
		clock_map_add(&survey->clock, moment.clock,
			      (struct tick_pair){moment.ticks, values[EVENT_CLOCK_PAIR_MONOTONIC_NS].number,
						 values[EVENT_CLOCK_PAIR_UNCERTAINTY_NS].number});
		break;
	case EVENT_STRING:
		string_table_add(&survey->strings, values[EVENT_STRING_ID].number,
				 clean_text_of(&values[EVENT_STRING_TEXT]));
		break;
	case EVENT_LOST:
		if (values[EVENT_LOST_EVENTS].number <= CLOCK_TIME_MAX - survey->lost_told)
			survey->lost_told += values[EVENT_LOST_EVENTS].number;
		break;
	case EVENT_PROCESS_START:
		take_process(survey, values, moment);
		break;
	case EVENT_PROCESS_END:
		index = process_table_process(processes, values[EVENT_PROCESS_END_PROCESS].number);
		processes->processes[index].end = moment;
		processes->processes[index].has_end = 1;
		break;
	case EVENT_THREAD:
		take_thread(survey, values, moment);
		break;
	case EVENT_THREAD_NAME:
		thread_rename(thread_of(survey, values[EVENT_THREAD_NAME_THREAD].number),
			      clean_text_of(&values[EVENT_THREAD_NAME_NAME]));
		break;
	case EVENT_THROTTLED:
		index = process_table_process(processes, values[EVENT_THROTTLED_PROCESS].number);
		process_throttled(&processes->processes[index], moment,
				  values[EVENT_THROTTLED_THROTTLED_NS].number);
		break;
	case EVENT_MODULE:
		string_table_add(&survey->code.module_paths, values[EVENT_MODULE_MODULE].number,
				 clean_text_of(&values[EVENT_MODULE_PATH]));
		break;
	case EVENT_MAPPING:
		take_mapping(survey, values, moment);
		break;
	case EVENT_UNMAPPING:
		code_table_unmap(&survey->code, values[EVENT_UNMAPPING_PROCESS].number,
				 values[EVENT_UNMAPPING_START].number, moment);
		break;
	case EVENT_STACK_NODE:
		take_stack_node(survey, values, moment);
		break;
	case EVENT_FRAME:
		take_frame(survey, values);
		break;
	case EVENT_DESCRIPTOR_NAME:
		descriptor_names_name(&survey->descriptors, moment, values);
		break;
	}
}

static void take_thread_event(struct survey *survey, const struct event *event, uint64_t number,
			      uint64_t start, struct trace_moment moment)
{
	struct thread *thread = thread_of(survey, number);
	thread_seen(thread, moment.clock, start, moment.ticks);
	switch (event->type->number) {
	case EVENT_CLOCK_PAIR:
		take_fact(survey, event, moment);
		break;
	case EVENT_THREAD_START:
		thread->creator_tid = event->values[EVENT_THREAD_START_CREATOR_TID].number;
		break;
	case EVENT_THREAD_END:
		thread->end = moment;
		thread->has_end = 1;
		break;
	case EVENT_DESCRIPTOR_SEEN:
		descriptor_names_seen(&survey->descriptors,
				      survey->processes.processes[thread->process].number, moment,
				      event->values);
		break;
	}
}

void survey_event(struct survey *survey, const struct event *event, uint64_t thread, enum trace_clock clock)
{
	struct trace_moment moment = {event->time, clock};
	uint64_t start = event->duration > event->time ? 0 : event->time - event->duration;
	survey->recording.events++;
	if (!survey->has_ticks[clock] || start < survey->first_tick[clock])
		survey->first_tick[clock] = start;
	if (!survey->has_ticks[clock] || event->time > survey->last_tick[clock])
		survey->last_tick[clock] = event->time;
	survey->has_ticks[clock] = 1;
	if (thread)
		take_thread_event(survey, event, thread, start, moment);
	else
		take_fact(survey, event, moment);
}

void survey_settle(struct survey *survey)
{
	struct recording *recording = &survey->recording;
	clock_map_settle(&survey->clock);
	uint64_t first_ns = UINT64_MAX, last_ns = 0;
	for (int clock = 0; clock < TRACE_CLOCK_COUNT; clock++) {
		if (!survey->has_ticks[clock])
			continue;
		uint64_t first = clock_map_time(&survey->clock,
						(struct trace_moment){survey->first_tick[clock], clock});
		uint64_t last = clock_map_time(&survey->clock,
					       (struct trace_moment){survey->last_tick[clock], clock});
		first_ns = first < first_ns ? first : first_ns;
		last_ns = last > last_ns ? last : last_ns;
	}
	recording->start_ns = recording->has_start       ? clock_map_time(&survey->clock, survey->start)
			      : survey->recording.events ? first_ns
							 : 0;
	recording->end_ns = recording->has_end ? clock_map_time(&survey->clock, survey->end) : last_ns;
	if (recording->end_ns < recording->start_ns)
		recording->end_ns = recording->start_ns;
	recording->lost_events =
		survey->lost_at_end > survey->lost_told ? survey->lost_at_end : survey->lost_told;
	if (recording->lost_events > CLOCK_TIME_MAX)
		recording->lost_events = CLOCK_TIME_MAX;

	process_table_settle(&survey->processes, &survey->clock, recording->start_ns, recording->end_ns);
	code_table_settle(&survey->code, &survey->clock);
	stack_table_settle(&survey->stacks, &survey->clock);
	descriptor_names_settle(&survey->descriptors, &survey->clock);
}

int survey_read(struct survey *survey, struct trace_reader *reader, struct error *out_error)
{
	struct event event;
	const struct trace_slice *slice;
	int result;
	while ((result = trace_reader_next(reader, &event, &slice, out_error)) > 0)
		survey_event(survey, &event, slice->thread, slice->clock);
	if (result < 0)
		return -1;
	survey->condition = trace_reader_condition(reader);
	survey_settle(survey);
	return 0;
}
