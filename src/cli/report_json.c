/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "trace/analyse/call_stack.h"
#include "trace/analyse/object_name.h"
#include "trace/model/clean_text.h"
#include <stdbool.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *json_ns(uint64_t value)
{
	return json_integer((json_int_t)(value > INT64_MAX ? INT64_MAX : value));
}

/* A name that nobody told is empty, so that every key has one type. */
static json_t *json_text(const char *text)
{
	return json_string(text ? text : "");
}

static json_t *json_lane(const struct report *report, size_t index)
{
	const struct thread *thread = &report->survey.processes.threads[index];
	const struct process *process = &report->survey.processes.processes[thread->process];
	const struct lane_times *times = &report->times[index];
	json_t *waiting = json_object(), *idle = json_object();
	for (int reason = 0; reason < WAIT_REASON_COUNT; reason++) {
		json_object_set_new(waiting, wait_reason_word(reason), json_ns(times->waiting_ns[reason]));
		if (times->idle_ns[reason])
			json_object_set_new(idle, wait_reason_word(reason), json_ns(times->idle_ns[reason]));
	}
	json_t *lane = json_object();
	json_object_set_new(lane, "id", json_ns(thread->number));
	json_object_set_new(lane, "kind", json_string("thread"));
	json_object_set_new(lane, "pid", json_ns(process->pid));
	json_object_set_new(lane, "tid", json_ns(thread->tid));
	json_object_set_new(lane, "name", json_text(thread->name));
	json_object_set_new(lane, "start_ns", json_ns(times->start_ns));
	json_object_set_new(lane, "end_ns", json_ns(times->end_ns));
	json_object_set_new(lane, "running_ns", json_ns(times->running_ns));
	json_object_set_new(lane, "runnable_ns", json_ns(times->runnable_ns));
	json_object_set_new(lane, "throttled_ns", json_ns(times->throttled_ns));
	json_object_set_new(lane, "unknown_ns", json_ns(times->unknown_ns));
	json_object_set_new(lane, "waiting_ns", waiting);
	json_object_set_new(lane, "idle_ns", idle);
	json_object_set_new(lane, "inferred_ns", json_ns(times->inferred_ns));
	json_object_set_new(lane, "short_waits", json_ns(times->short_count));
	json_object_set_new(lane, "short_waits_ns", json_ns(times->short_ns));
	return lane;
}

static json_t *json_stack(const struct report *report, uint32_t process, uint64_t node, bool *out_is_cut)
{
	struct call_stack stack;
	call_stack_read(&report->survey, process, node, &stack);
	json_t *frames = json_array();
	for (size_t i = 0; i < stack.count; i++) {
		const struct source_frame *frame = &stack.frames[i];
		json_t *entry = json_object();
		json_object_set_new(entry, "function", json_text(frame->function));
		json_object_set_new(entry, "file", json_text(frame->file));
		json_object_set_new(entry, "line", json_ns(frame->line));
		json_object_set_new(entry, "module", json_text(frame->module));
		json_object_set_new(entry, "address", json_ns(frame->address));
		json_array_append_new(frames, entry);
	}
	*out_is_cut = stack.is_cut;
	return frames;
}

static void set_stack(const struct report *report, json_t *object, uint32_t process, uint64_t node)
{
	bool is_cut;
	json_object_set_new(object, "stack", json_stack(report, process, node, &is_cut));
	if (is_cut)
		json_object_set_new(object, "stack_cut", json_true());
}

static json_t *json_group(const struct report *report, const struct wait_group *group)
{
	char object[OBJECT_NAME_MAX];
	object_name(&report->survey, group->object, object);
	json_t *wakers = json_array();
	for (size_t i = 0; i < group->waker_count; i++) {
		json_t *waker = json_object();
		json_object_set_new(waker, "count", json_ns(group->wakers[i].count));
		json_object_set_new(waker, "caused_ns", json_ns(group->wakers[i].caused_ns));
		set_stack(report, waker, group->process, group->wakers[i].stack);
		json_array_append_new(wakers, waker);
	}
	json_t *wait = json_object();
	json_object_set_new(wait, "reason", json_string(wait_reason_word(group->reason)));
	json_object_set_new(wait, "object", json_string(object));
	json_object_set_new(wait, "pid", json_ns(report->survey.processes.processes[group->process].pid));
	json_object_set_new(wait, "count", json_ns(group->count));
	json_object_set_new(wait, "total_ns", json_ns(group->total_ns));
	json_object_set_new(wait, "max_ns", json_ns(group->max_ns));
	json_object_set_new(wait, "inferred_ns", json_ns(group->inferred_ns));
	json_object_set_new(wait, "threads", json_ns(group->threads));
	set_stack(report, wait, group->process, group->stack);
	json_object_set_new(wait, "wakers", wakers);
	if (group->is_idle)
		json_object_set_new(wait, "idle", json_true());
	if (group->object.kind == OBJECT_UNENDED)
		json_object_set_new(wait, "unended", json_true());
	return wait;
}

/* Takes the value. */
static void print_value(FILE *output, json_t *value, const char *before)
{
	fputs(before, output);
	json_dumpf(value, output, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
}

/* Printed member by member, so that it never stands in memory whole. */
void report_print_json(const struct report *report, FILE *output)
{
	const struct recording *recording = &report->survey.recording;
	char *source = clean_text(report->source, strlen(report->source));
	print_value(output, json_string(source), "{\n\"source\":");
	free(source);
	print_value(output, json_ns(report->start_ns), ",\n\"start_ns\":");
	print_value(output, json_ns(report->end_ns), ",\n\"end_ns\":");
	print_value(output, json_ns(recording->events), ",\n\"events\":");
	print_value(output, json_ns(recording->lost_events), ",\n\"lost_events\":");
	print_value(output, json_boolean(report->survey.condition.is_cut), ",\n\"cut\":");
	print_value(output, json_ns(report->survey.condition.blocks_damaged), ",\n\"damaged_places\":");
	fputs(",\n\"lanes\":[", output);
	const char *before = "\n";
	for (size_t i = 0; i < report->account.lane_count; i++) {
		if (!report->is_chosen[i])
			continue;
		print_value(output, json_lane(report, i), before);
		before = ",\n";
	}
	fputs("\n],\n\"waits\":[", output);
	for (size_t i = 0; i < report->groups.count; i++)
		print_value(output, json_group(report, &report->groups.groups[i]), i ? ",\n" : "\n");
	fputs("\n]\n}\n", output);
}
