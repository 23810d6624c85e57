/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json_writer.h"
#include "cli/report.h"
#include "base/memory.h"
#include "trace/analyse/call_stack.h"
#include "trace/analyse/grouped_lanes.h"
#include "trace/analyse/object_name.h"
#include "trace/model/clean_text.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Where the waiting of several lanes, or of one, stands by reason. Threads have every reason of their table, goroutines those
 * that the runtime told. */
static void put_waiting(struct json_writer *json, const struct report *report, const char *key,
			const uint64_t by_reason[WAIT_REASONS_MAX], bool with_all)
{
	const struct wait_reasons *reasons = &report->ledger.reasons;
	unsigned count = wait_reasons_count(reasons);
	json_key(json, key);
	json_begin_object(json);
	for (unsigned reason = 0; reason < count; reason++)
		if (by_reason[reason] || (with_all && reason < WAIT_REASON_COUNT)) {
			json_key_text(json, wait_reason_word(reasons, reason));
			json_number(json, by_reason[reason]);
		}
	json_end_object(json);
}

static void put_times(struct json_writer *json, const struct report *report, const struct lane_times *times,
		      enum lane_kind kind)
{
	json_set_number(json, "running_ns", times->running_ns);
	json_set_number(json, "runnable_ns", times->runnable_ns);
	json_set_number(json, "throttled_ns", times->throttled_ns);
	if (kind == LANE_GOROUTINE)
		json_set_number(json, "syscall_ns", times->call_ns);
	json_set_number(json, "unknown_ns", times->unknown_ns);
	put_waiting(json, report, "waiting_ns", times->waiting_ns, kind == LANE_THREAD);
	put_waiting(json, report, "idle_ns", times->idle_ns, false);
	json_set_number(json, "inferred_ns", times->inferred_ns);
}

static void put_lane(struct json_writer *json, const struct report *report, const struct lane *lane)
{
	static const char *const kinds[] = {[LANE_THREAD] = "thread", [LANE_GOROUTINE] = "goroutine"};
	const struct lane_group *group = &report->ledger.groups[lane->group];
	struct lane_times times = {0};
	lane_times_add(&times, &report->ledger, lane);
	json_line(json);
	json_begin_object(json);
	json_set_number(json, "id", lane->id);
	json_set_text(json, "kind", kinds[lane->kind]);
	json_set_number(json, "pid", report->survey.processes.processes[group->process].pid);
	if (lane->kind == LANE_THREAD)
		json_set_number(json, "tid", lane->tid);
	json_set_text(json, "name", group->name);
	json_set_number(json, "start_ns", lane->start_ns);
	json_set_number(json, "end_ns", lane->end_ns);
	put_times(json, report, &times, lane->kind);
	if (lane->kind == LANE_THREAD) {
		json_set_number(json, "short_waits", times.short_count);
		json_set_number(json, "short_waits_ns", times.short_ns);
	}
	json_end_object(json);
}

static void put_stack(struct json_writer *json, const struct report *report, uint32_t process, uint64_t node)
{
	struct call_stack stack;
	call_stack_read(&report->survey, process, node, &stack);
	json_key(json, "stack");
	json_begin_array(json);
	for (size_t i = 0; i < stack.count; i++) {
		const struct source_frame *frame = &stack.frames[i];
		json_begin_object(json);
		json_set_text(json, "function", frame->function);
		json_set_text(json, "file", frame->file);
		json_set_number(json, "line", frame->line);
		json_set_text(json, "module", frame->module);
		json_set_number(json, "address", frame->address);
		json_end_object(json);
	}
	json_end_array(json);
	if (stack.is_cut)
		json_set_true(json, "stack_cut");
}

static void put_wait(struct json_writer *json, const struct report *report, const struct wait_group *group)
{
	char object[OBJECT_NAME_MAX];
	object_name(&report->survey, group->object, object);
	json_line(json);
	json_begin_object(json);
	json_set_text(json, "reason", wait_reason_word(&report->ledger.reasons, group->reason));
	json_set_text(json, "object", object);
	json_set_number(json, "pid", report->survey.processes.processes[group->process].pid);
	json_set_number(json, "count", group->count);
	json_set_number(json, "total_ns", group->total_ns);
	json_set_number(json, "max_ns", group->max_ns);
	json_set_number(json, "inferred_ns", group->inferred_ns);
	json_set_number(json, "threads", group->lanes);
	put_stack(json, report, group->process, group->stack);
	json_key(json, "wakers");
	json_begin_array(json);
	for (size_t i = 0; i < group->waker_count; i++) {
		json_begin_object(json);
		json_set_number(json, "count", group->wakers[i].count);
		json_set_number(json, "caused_ns", group->wakers[i].caused_ns);
		put_stack(json, report, group->process, group->wakers[i].stack);
		json_end_object(json);
	}
	json_end_array(json);
	if (group->is_idle)
		json_set_true(json, "idle");
	if (group->object.kind == OBJECT_UNENDED)
		json_set_true(json, "unended");
	json_end_object(json);
}

static void begin_list(struct json_writer *json, const char *key)
{
	json_line(json);
	json_key(json, key);
	json_begin_array(json);
}

static void end_list(struct json_writer *json)
{
	json_line(json);
	json_end_array(json);
}

static void set_line(struct json_writer *json, const char *key, uint64_t value)
{
	json_line(json);
	json_set_number(json, key, value);
}

static void put_groups(struct json_writer *json, const struct report *report)
{
	struct grouped_lanes grouped;
	grouped_lanes_init(&grouped, &report->ledger, report->is_chosen, LANE_GOROUTINE);
	begin_list(json, "groups");
	for (size_t i = 0; i < grouped.count; i++) {
		const struct lane_bundle *bundle = &grouped.bundles[i];
		struct lane_times sum;
		grouped_lanes_sum(&grouped, &report->ledger, bundle, &sum);
		json_line(json);
		json_begin_object(json);
		json_set_text(json, "func", report->ledger.groups[bundle->group].name);
		json_set_number(json, "count", bundle->count);
		json_set_number(json, "life_ns", sum.life_ns);
		put_times(json, report, &sum, LANE_GOROUTINE);
		json_end_object(json);
	}
	end_list(json);
	grouped_lanes_fini(&grouped);
}

static void put_spans(struct json_writer *json, const struct report *report, enum span_class class,
		      const char *key)
{
	const struct span_kinds *spans = &report->ledger.spans;
	begin_list(json, key);
	for (size_t i = 0; i < spans->count; i++) {
		const struct span_kind *kind = &spans->kinds[i];
		if (kind->class != class)
			continue;
		json_line(json);
		json_begin_object(json);
		json_set_text(json, "type", kind->name);
		json_set_number(json, "count", kind->count);
		json_set_number(json, "unfinished", kind->unfinished);
		json_set_number(json, "total_ns", kind->total_ns);
		json_set_number(json, "p50_ns", span_kind_percentile(kind, 50));
		json_set_number(json, "p95_ns", span_kind_percentile(kind, 95));
		json_set_number(json, "p99_ns", span_kind_percentile(kind, 99));
		json_set_number(json, "max_ns", kind->max_ns);
		json_end_object(json);
	}
	end_list(json);
}

/* Ids as text: readers of JSON do not keep 64 bits of a number. */
static void put_linked_spans(struct json_writer *json, const struct report *report)
{
	const struct span_kinds *spans = &report->ledger.spans;
	begin_list(json, "spans");
	for (size_t i = 0; i < spans->linked_count; i++) {
		const struct linked_span *span = &spans->linked[i];
		if (!report->is_chosen[span->lane])
			continue;
		char id[24];
		snprintf(id, sizeof id, "%" PRIu64, span->span_id);
		json_line(json);
		json_begin_object(json);
		json_set_text(json, "span_id", id);
		json_set_text(json, "type", spans->kinds[span->kind].name);
		json_set_number(json, "goroutine", report->ledger.lanes[span->lane].id);
		json_set_number(json, "start_ns", span->start_ns);
		json_set_number(json, "end_ns", span->end_ns);
		json_end_object(json);
	}
	end_list(json);
}

static void put_ready(struct json_writer *json, const struct delays *ready)
{
	json_line(json);
	json_key(json, "ready");
	json_begin_object(json);
	json_set_number(json, "count", ready->count);
	json_set_number(json, "total_ns", ready->total_ns);
	json_set_number(json, "p50_ns", delays_percentile(ready, 50));
	json_set_number(json, "p95_ns", delays_percentile(ready, 95));
	json_set_number(json, "p99_ns", delays_percentile(ready, 99));
	json_set_number(json, "max_ns", ready->max_ns);
	json_end_object(json);
}

static void put_counters(struct json_writer *json, const struct ledger *ledger)
{
	begin_list(json, "counters");
	for (size_t i = 0; i < ledger->counter_count; i++) {
		const struct counter *counter = &ledger->counters[i];
		json_line(json);
		json_begin_object(json);
		json_set_text(json, "name", counter->name);
		json_set_number(json, "count", counter->count);
		json_set_number(json, "first", counter->first);
		json_set_number(json, "last", counter->last);
		json_set_number(json, "min", counter->least);
		json_set_number(json, "max", counter->most);
		json_end_object(json);
	}
	end_list(json);
}

static void put_samples(struct json_writer *json, const struct report *report)
{
	const struct ledger *ledger = &report->ledger;
	begin_list(json, "samples");
	for (size_t i = 0; i < ledger->sample_count; i++) {
		const struct sample_site *site = &ledger->samples[i];
		if (!report->is_group_chosen[site->group])
			continue;
		json_line(json);
		json_begin_object(json);
		json_set_number(json, "count", site->count);
		put_stack(json, report, ledger->groups[site->group].process, site->stack);
		json_end_object(json);
	}
	end_list(json);
}

/* What only traces with goroutines have. */
static void put_goroutines(struct json_writer *json, const struct report *report)
{
	put_groups(json, report);
	put_spans(json, report, SPAN_TASK, "tasks");
	put_spans(json, report, SPAN_REGION, "regions");
	put_spans(json, report, SPAN_RANGE, "ranges");
	put_linked_spans(json, report);
	put_ready(json, &report->ledger.ready);
	put_counters(json, &report->ledger);
	put_samples(json, report);
	set_line(json, "mismatched_regions", report->go.mismatched_regions);
}

static void put_head(struct json_writer *json, const struct report *report)
{
	const struct recording *recording = &report->survey.recording;
	char *source = clean_text(report->source, strlen(report->source));
	json_line(json);
	json_set_text(json, "source", source);
	free(source);
	set_line(json, "start_ns", report->start_ns);
	set_line(json, "end_ns", report->end_ns);
	set_line(json, "events", recording->events);
	set_line(json, "lost_events", recording->lost_events);
	json_line(json);
	json_key(json, "cut");
	json_bool(json, report->survey.condition.is_cut || report->go.is_cut);
	set_line(json, "damaged_places", report->survey.condition.blocks_damaged + report->go.broken);
}

void report_print_json(const struct report *report, FILE *output)
{
	struct json_writer *json = memory_allocate(sizeof *json);
	json_init(json, output);
	json_begin_object(json);
	put_head(json, report);
	begin_list(json, "lanes");
	for (size_t i = 0; i < report->ledger.lane_count; i++)
		if (report->is_chosen[i])
			put_lane(json, report, &report->ledger.lanes[i]);
	end_list(json);
	begin_list(json, "waits");
	for (size_t i = 0; i < report->groups.count; i++)
		put_wait(json, report, &report->groups.groups[i]);
	end_list(json);
	if (report->go_version)
		put_goroutines(json, report);
	json_line(json);
	json_end_object(json);
	json_flush(json);
	fputc('\n', output);
	free(json);
}
