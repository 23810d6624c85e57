/* SPDX-License-Identifier: Apache-2.0 */
/* Time by state: of all threads together, and of each. */
#include "base/memory.h"
#include "cli/report_section.h"
#include "cli/report_line.h"
#include <inttypes.h>
#include <stdlib.h>
#include <stdbool.h>

enum { STATE_WIDTH = 14, TIME_WIDTH = 11, PERCENT_WIDTH = 9 };

static void print_state(const struct paper *paper, enum ink ink, const char *name, uint64_t ns,
			uint64_t life_ns, const char *remark)
{
	char time[PAPER_NUMBER_MAX], percent[PAPER_NUMBER_MAX];
	fputs("  ", paper->output);
	paper_column(paper, ink, STATE_WIDTH, "%s", name);
	paper_right(paper, ink, TIME_WIDTH, paper_duration(ns, time));
	paper_right(paper, ink, PERCENT_WIDTH, paper_percent(ns, life_ns, percent));
	if (remark[0])
		paper_print(paper, INK_FAINT, PAPER_WIDTH - 2 - STATE_WIDTH - TIME_WIDTH - PERCENT_WIDTH,
			    "   %s", remark);
	fputc('\n', paper->output);
}

/* Waiting that the report counts. */
static uint64_t shown_waiting(const struct report *report, const struct lane_times *times, int reason)
{
	return times->waiting_ns[reason] - (report->settings->idle ? 0 : times->idle_ns[reason]);
}

static uint64_t all_shown_waiting(const struct report *report, const struct lane_times *times)
{
	return lane_times_waiting(times) - (report->settings->idle ? 0 : lane_times_idle(times));
}

static const char *remark_of(int reason)
{
	return reason == WAIT_UNSEEN  ? "off the CPU in something no hook saw"
	       : reason == WAIT_FAULT ? "memory read in from a disk"
				      : "";
}

/* The biggest first; reasons are few. */
static void print_reasons(const struct report *report, const struct paper *paper)
{
	const struct lane_times *sum = &report->sum;
	uint8_t is_printed[WAIT_REASONS_MAX] = {0};
	int reasons = (int)wait_reasons_count(&report->ledger.reasons);
	for (;;) {
		int biggest = -1;
		for (int reason = 0; reason < reasons; reason++)
			if (!is_printed[reason] && shown_waiting(report, sum, reason) &&
			    (biggest < 0 ||
			     shown_waiting(report, sum, reason) > shown_waiting(report, sum, biggest)))
				biggest = reason;
		if (biggest < 0)
			return;
		is_printed[biggest] = 1;
		char name[32];
		snprintf(name, sizeof name, "  %s", reason_title(report, (unsigned)biggest));
		print_state(paper, INK_PLAIN, name, shown_waiting(report, sum, biggest), sum->life_ns,
			    remark_of(biggest));
	}
}

static void print_provenance(const struct report *report, const struct paper *paper)
{
	const struct lane_times *sum = &report->sum;
	uint64_t life_ns = sum->life_ns, observed_ns = life_ns - sum->inferred_ns - sum->unknown_ns;
	char observed[PAPER_NUMBER_MAX], inferred[PAPER_NUMBER_MAX], unknown[PAPER_NUMBER_MAX];
	paper_paragraph(paper, INK_FAINT, 2, "Of this %s was observed, %s inferred, %s is unknown.",
			paper_percent(observed_ns, life_ns, observed),
			paper_percent(sum->inferred_ns, life_ns, inferred),
			paper_percent(sum->unknown_ns, life_ns, unknown));
	if (!sum->short_count)
		return;
	char count[PAPER_NUMBER_MAX], threshold[PAPER_NUMBER_MAX], together[PAPER_NUMBER_MAX];
	paper_paragraph(paper, INK_FAINT, 2, "%s waits shorter than %s, together %s, are part of running.",
			paper_count(sum->short_count, count),
			paper_duration(report->survey.recording.threshold_ns, threshold),
			paper_duration(sum->short_ns, together));
}

void section_states(const struct report *report, const struct paper *paper)
{
	const struct lane_times *sum = &report->sum;
	uint64_t life_ns = sum->life_ns;
	char remark[96], lanes[64], life[PAPER_NUMBER_MAX];
	snprintf(remark, sizeof remark, "%s, %s of their time together",
		 lane_counts(report->chosen - report->goroutines, report->goroutines, lanes),
		 paper_duration(life_ns, life));
	section_title(paper, "Time by state", remark);
	print_state(paper, INK_PLAIN, "running", sum->running_ns, life_ns, "");
	if (sum->call_ns)
		print_state(paper, INK_PLAIN, "system call", sum->call_ns, life_ns,
			    "with its processor kept: running, for the scheduler");
	print_state(paper, INK_PLAIN, "runnable", sum->runnable_ns, life_ns, "ready, but without a CPU");
	if (sum->throttled_ns)
		print_state(paper, INK_PLAIN, "throttled", sum->throttled_ns, life_ns,
			    "ready, but out of CPU quota");
	print_state(paper, INK_PLAIN, "waiting", all_shown_waiting(report, sum), life_ns,
		    report->settings->idle ? "idle waits included" : "");
	print_reasons(report, paper);
	if (!report->settings->idle && lane_times_idle(sum))
		print_state(paper, INK_FAINT, "idle", lane_times_idle(sum), life_ns,
			    "waits for work; --idle counts them");
	if (sum->unknown_ns)
		print_state(paper, INK_PLAIN, "unknown", sum->unknown_ns, life_ns, "nothing was recorded");
	print_provenance(report, paper);
}

struct row {
	uint32_t lane;
	uint64_t waiting_ns, running_ns;
	uint64_t number;
};

static int by_waiting(const void *a, const void *b)
{
	const struct row *one = a, *two = b;
	if (one->waiting_ns != two->waiting_ns)
		return one->waiting_ns < two->waiting_ns ? 1 : -1;
	if (one->running_ns != two->running_ns)
		return one->running_ns < two->running_ns ? 1 : -1;
	return (one->number > two->number) - (one->number < two->number);
}

static const char *mostly(const struct report *report, const struct lane_times *times)
{
	int biggest = -1;
	for (int reason = 0; reason < (int)wait_reasons_count(&report->ledger.reasons); reason++)
		if (shown_waiting(report, times, reason) &&
		    (biggest < 0 ||
		     shown_waiting(report, times, reason) > shown_waiting(report, times, biggest)))
			biggest = reason;
	return biggest < 0 ? "" : reason_title(report, (unsigned)biggest);
}

enum { TID_WIDTH = 9, NAME_WIDTH = 16, SHARE_WIDTH = 9, MOSTLY_WIDTH = 10, IDLE_WIDTH = 7 };

static void print_row_title(const struct paper *paper)
{
	static const char *const shares[] = {"life", "running", "no CPU", "waiting"};
	paper_right(paper, INK_FAINT, TID_WIDTH, "tid");
	fputc(' ', paper->output);
	paper_column(paper, INK_FAINT, NAME_WIDTH, "name");
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		paper_right(paper, INK_FAINT, SHARE_WIDTH, shares[i]);
	fputc(' ', paper->output);
	paper_column(paper, INK_FAINT, MOSTLY_WIDTH, "mostly");
	paper_right(paper, INK_FAINT, IDLE_WIDTH, "idle");
	fputc('\n', paper->output);
}

static void print_row(const struct report *report, const struct paper *paper, uint32_t lane)
{
	struct lane_times sum = {0};
	const struct lane_times *times = &sum;
	const struct lane *row = &report->ledger.lanes[lane];
	const char *name = report->ledger.groups[row->group].name;
	lane_times_add(&sum, &report->ledger, row);
	uint64_t life_ns = times->life_ns;
	char number[PAPER_NUMBER_MAX];
	snprintf(number, sizeof number, "%" PRIu64, lane_number(row));
	paper_right(paper, INK_PLAIN, TID_WIDTH, number);
	fputc(' ', paper->output);
	paper_column(paper, INK_PLAIN, NAME_WIDTH, "%s", name ? name : "");
	paper_right(paper, INK_PLAIN, SHARE_WIDTH, paper_duration(life_ns, number));
	paper_right(paper, INK_PLAIN, SHARE_WIDTH, paper_percent(times->running_ns, life_ns, number));
	paper_right(paper, INK_PLAIN, SHARE_WIDTH,
		    paper_percent(times->runnable_ns + times->throttled_ns, life_ns, number));
	paper_right(paper, INK_PLAIN, SHARE_WIDTH,
		    paper_percent(all_shown_waiting(report, times), life_ns, number));
	fputc(' ', paper->output);
	paper_column(paper, INK_FAINT, MOSTLY_WIDTH, "%s", mostly(report, times));
	paper_right(paper, INK_FAINT, IDLE_WIDTH, paper_percent(lane_times_idle(times), life_ns, number));
	fputc('\n', paper->output);
}

/* Threads, and goroutines only when they were asked for one by one: else they are reported by group. */
static bool has_row(const struct report *report, size_t lane)
{
	return report->is_chosen[lane] &&
	       (report->ledger.lanes[lane].kind == LANE_THREAD || report->settings->thread.count);
}

void section_threads(const struct report *report, const struct paper *paper)
{
	const struct ledger *ledger = &report->ledger;
	struct row *rows = memory_resize(NULL, report->chosen, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < ledger->lane_count; i++) {
		const struct lane *lane = &ledger->lanes[i];
		if (!has_row(report, i))
			continue;
		uint64_t waiting_ns = lane_waiting(ledger, lane, 0);
		if (report->settings->idle)
			waiting_ns += lane_waiting(ledger, lane, 1);
		rows[count++] = (struct row){(uint32_t)i, waiting_ns, lane->running_ns, lane->id};
	}
	if (count)
		qsort(rows, count, sizeof *rows, by_waiting);

	size_t shown = count < report->settings->top ? count : report->settings->top;
	char remark[96] = "";
	if (shown < count)
		snprintf(remark, sizeof remark, "%zu of %zu, those that waited most", shown, count);
	if (shown) {
		section_title(paper, report->goroutines ? "Threads and goroutines" : "Threads", remark);
		print_row_title(paper);
	}
	for (size_t i = 0; i < shown; i++)
		print_row(report, paper, rows[i].lane);
	free(rows);
}

static int by_delay(const void *a, const void *b)
{
	const struct row *one = a, *two = b;
	if (one->running_ns != two->running_ns)
		return one->running_ns < two->running_ns ? 1 : -1;
	return (one->number > two->number) - (one->number < two->number);
}

static void print_ready(const struct report *report, const struct paper *paper)
{
	const struct delays *ready = &report->ledger.ready;
	char half[PAPER_NUMBER_MAX], most[PAPER_NUMBER_MAX], nearly[PAPER_NUMBER_MAX], max[PAPER_NUMBER_MAX],
		count[PAPER_NUMBER_MAX];
	if (!ready->count)
		return;
	paper_paragraph(paper, INK_PLAIN, 2,
			"From ready to running, %s times: half within %s, 95 %% within %s, 99 %% within %s, "
			"at most %s.",
			paper_count(ready->count, count), paper_duration(delays_percentile(ready, 50), half),
			paper_duration(delays_percentile(ready, 95), most),
			paper_duration(delays_percentile(ready, 99), nearly),
			paper_duration(ready->max_ns, max));
}

void section_no_cpu(const struct report *report, const struct paper *paper)
{
	const struct ledger *ledger = &report->ledger;
	struct row *rows = memory_resize(NULL, report->chosen, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < ledger->lane_count; i++) {
		uint64_t delay_ns = ledger->lanes[i].runnable_ns + ledger->lanes[i].throttled_ns;
		if (report->is_chosen[i] && delay_ns)
			rows[count++] = (struct row){(uint32_t)i, 0, delay_ns, ledger->lanes[i].id};
	}
	if (count) {
		qsort(rows, count, sizeof *rows, by_delay);
		section_title(paper, "Ready, but without a CPU",
			      report->goroutines == report->chosen ? "by goroutine" : "by thread");
		print_ready(report, paper);
		paper_print(paper, INK_FAINT, PAPER_WIDTH, "   runnable  throttled  of life       tid name");
		fputc('\n', paper->output);
	}
	for (size_t i = 0; i < count && i < report->settings->top; i++) {
		const struct lane *lane = &ledger->lanes[rows[i].lane];
		const char *name = ledger->groups[lane->group].name;
		char text[PAPER_NUMBER_MAX];
		paper_right(paper, INK_PLAIN, 11, paper_duration(lane->runnable_ns, text));
		paper_right(paper, INK_PLAIN, 11, paper_duration(lane->throttled_ns, text));
		paper_right(paper, INK_PLAIN, 9,
			    paper_percent(lane->runnable_ns + lane->throttled_ns, lane_life(lane), text));
		snprintf(text, sizeof text, "%" PRIu64, lane_number(lane));
		paper_right(paper, INK_PLAIN, 10, text);
		paper_print(paper, INK_PLAIN, 38, " %s", name ? name : "");
		fputc('\n', paper->output);
	}
	free(rows);
}
