/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "trace/analyse/call_stack.h"
#include "trace/analyse/grouped_lanes.h"
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

/* Takes the value. */
static void print_value(FILE *output, json_t *value, const char *before)
{
	fputs(before, output);
	json_dumpf(value, output, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
}

/* Where the waiting of several lanes, or of one, stands by reason. Threads have every reason of their table, goroutines those
 * that the runtime told. */
static json_t *json_waiting(const struct report *report, const uint64_t by_reason[WAIT_REASONS_MAX],
			    bool with_all)
{
	const struct wait_reasons *reasons = &report->ledger.reasons;
	json_t *waiting = json_object();
	for (unsigned reason = 0; reason < wait_reasons_count(reasons); reason++)
		if (by_reason[reason] || (with_all && reason < WAIT_REASON_COUNT))
			json_object_set_new(waiting, wait_reason_word(reasons, reason),
					    json_ns(by_reason[reason]));
	return waiting;
}

static void set_times(const struct report *report, json_t *object, const struct lane_times *times,
		      enum lane_kind kind)
{
	json_object_set_new(object, "running_ns", json_ns(times->running_ns));
	json_object_set_new(object, "runnable_ns", json_ns(times->runnable_ns));
	json_object_set_new(object, "throttled_ns", json_ns(times->throttled_ns));
	if (kind == LANE_GOROUTINE)
		json_object_set_new(object, "syscall_ns", json_ns(times->call_ns));
	json_object_set_new(object, "unknown_ns", json_ns(times->unknown_ns));
	json_object_set_new(object, "waiting_ns",
			    json_waiting(report, times->waiting_ns, kind == LANE_THREAD));
	json_object_set_new(object, "idle_ns", json_waiting(report, times->idle_ns, 0));
	json_object_set_new(object, "inferred_ns", json_ns(times->inferred_ns));
}

static json_t *json_lane(const struct report *report, const struct lane *lane)
{
	static const char *const kinds[] = {[LANE_THREAD] = "thread", [LANE_GOROUTINE] = "goroutine"};
	const struct lane_group *group = &report->ledger.groups[lane->group];
	struct lane_times times = {0};
	lane_times_add(&times, &report->ledger, lane);
	json_t *object = json_object();
	json_object_set_new(object, "id", json_ns(lane->id));
	json_object_set_new(object, "kind", json_string(kinds[lane->kind]));
	json_object_set_new(object, "pid", json_ns(report->survey.processes.processes[group->process].pid));
	if (lane->kind == LANE_THREAD)
		json_object_set_new(object, "tid", json_ns(lane->tid));
	json_object_set_new(object, "name", json_text(group->name));
	json_object_set_new(object, "start_ns", json_ns(lane->start_ns));
	json_object_set_new(object, "end_ns", json_ns(lane->end_ns));
	set_times(report, object, &times, lane->kind);
	if (lane->kind == LANE_THREAD) {
		json_object_set_new(object, "short_waits", json_ns(times.short_count));
		json_object_set_new(object, "short_waits_ns", json_ns(times.short_ns));
	}
	return object;
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
	json_object_set_new(wait, "reason",
			    json_string(wait_reason_word(&report->ledger.reasons, group->reason)));
	json_object_set_new(wait, "object", json_string(object));
	json_object_set_new(wait, "pid", json_ns(report->survey.processes.processes[group->process].pid));
	json_object_set_new(wait, "count", json_ns(group->count));
	json_object_set_new(wait, "total_ns", json_ns(group->total_ns));
	json_object_set_new(wait, "max_ns", json_ns(group->max_ns));
	json_object_set_new(wait, "inferred_ns", json_ns(group->inferred_ns));
	json_object_set_new(wait, "threads", json_ns(group->lanes));
	set_stack(report, wait, group->process, group->stack);
	json_object_set_new(wait, "wakers", wakers);
	if (group->is_idle)
		json_object_set_new(wait, "idle", json_true());
	if (group->object.kind == OBJECT_UNENDED)
		json_object_set_new(wait, "unended", json_true());
	return wait;
}

static void print_groups(const struct report *report, FILE *output)
{
	struct grouped_lanes grouped;
	grouped_lanes_init(&grouped, &report->ledger, report->is_chosen, LANE_GOROUTINE);
	fputs(",\n\"groups\":[", output);
	for (size_t i = 0; i < grouped.count; i++) {
		const struct lane_bundle *bundle = &grouped.bundles[i];
		struct lane_times sum;
		grouped_lanes_sum(&grouped, &report->ledger, bundle, &sum);
		json_t *object = json_object();
		json_object_set_new(object, "func", json_text(report->ledger.groups[bundle->group].name));
		json_object_set_new(object, "count", json_ns(bundle->count));
		json_object_set_new(object, "life_ns", json_ns(sum.life_ns));
		set_times(report, object, &sum, LANE_GOROUTINE);
		print_value(output, object, i ? ",\n" : "\n");
	}
	fputs("\n]", output);
	grouped_lanes_fini(&grouped);
}

static void print_spans(const struct report *report, FILE *output, enum span_class class, const char *key)
{
	const struct span_kinds *spans = &report->ledger.spans;
	const char *before = "\n";
	fprintf(output, ",\n\"%s\":[", key);
	for (size_t i = 0; i < spans->count; i++) {
		const struct span_kind *kind = &spans->kinds[i];
		if (kind->class != class)
			continue;
		json_t *object = json_object();
		json_object_set_new(object, "type", json_text(kind->name));
		json_object_set_new(object, "count", json_ns(kind->count));
		json_object_set_new(object, "unfinished", json_ns(kind->unfinished));
		json_object_set_new(object, "total_ns", json_ns(kind->total_ns));
		json_object_set_new(object, "p50_ns", json_ns(span_kind_percentile(kind, 50)));
		json_object_set_new(object, "p95_ns", json_ns(span_kind_percentile(kind, 95)));
		json_object_set_new(object, "p99_ns", json_ns(span_kind_percentile(kind, 99)));
		json_object_set_new(object, "max_ns", json_ns(kind->max_ns));
		print_value(output, object, before);
		before = ",\n";
	}
	fputs("\n]", output);
}

static json_t *json_ready(const struct delays *ready)
{
	json_t *object = json_object();
	json_object_set_new(object, "count", json_ns(ready->count));
	json_object_set_new(object, "total_ns", json_ns(ready->total_ns));
	json_object_set_new(object, "p50_ns", json_ns(delays_percentile(ready, 50)));
	json_object_set_new(object, "p95_ns", json_ns(delays_percentile(ready, 95)));
	json_object_set_new(object, "p99_ns", json_ns(delays_percentile(ready, 99)));
	json_object_set_new(object, "max_ns", json_ns(ready->max_ns));
	return object;
}

static json_t *json_counters(const struct ledger *ledger)
{
	json_t *counters = json_array();
	for (size_t i = 0; i < ledger->counter_count; i++) {
		const struct counter *counter = &ledger->counters[i];
		json_t *object = json_object();
		json_object_set_new(object, "name", json_string(counter->name));
		json_object_set_new(object, "count", json_ns(counter->count));
		json_object_set_new(object, "first", json_ns(counter->first));
		json_object_set_new(object, "last", json_ns(counter->last));
		json_object_set_new(object, "min", json_ns(counter->least));
		json_object_set_new(object, "max", json_ns(counter->most));
		json_array_append_new(counters, object);
	}
	return counters;
}

static void print_samples(const struct report *report, FILE *output)
{
	const struct ledger *ledger = &report->ledger;
	const char *before = "\n";
	fputs(",\n\"samples\":[", output);
	for (size_t i = 0; i < ledger->sample_count; i++) {
		const struct sample_site *site = &ledger->samples[i];
		if (!report->is_group_chosen[site->group])
			continue;
		json_t *object = json_object();
		json_object_set_new(object, "count", json_ns(site->count));
		set_stack(report, object, ledger->groups[site->group].process, site->stack);
		print_value(output, object, before);
		before = ",\n";
	}
	fputs("\n]", output);
}

/* What only traces with goroutines have. */
static void print_goroutines(const struct report *report, FILE *output)
{
	print_groups(report, output);
	print_spans(report, output, SPAN_TASK, "tasks");
	print_spans(report, output, SPAN_REGION, "regions");
	print_spans(report, output, SPAN_RANGE, "ranges");
	print_value(output, json_ready(&report->ledger.ready), ",\n\"ready\":");
	print_value(output, json_counters(&report->ledger), ",\n\"counters\":");
	print_samples(report, output);
	print_value(output, json_ns(report->go.mismatched_regions), ",\n\"mismatched_regions\":");
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
	print_value(output, json_boolean(report->survey.condition.is_cut || report->go.is_cut),
		    ",\n\"cut\":");
	print_value(output, json_ns(report->survey.condition.blocks_damaged + report->go.broken),
		    ",\n\"damaged_places\":");
	fputs(",\n\"lanes\":[", output);
	const char *before = "\n";
	for (size_t i = 0; i < report->ledger.lane_count; i++) {
		if (!report->is_chosen[i])
			continue;
		print_value(output, json_lane(report, &report->ledger.lanes[i]), before);
		before = ",\n";
	}
	fputs("\n],\n\"waits\":[", output);
	for (size_t i = 0; i < report->groups.count; i++)
		print_value(output, json_group(report, &report->groups.groups[i]), i ? ",\n" : "\n");
	fputs("\n]", output);
	if (report->go_version)
		print_goroutines(report, output);
	fputs("\n}\n", output);
}
