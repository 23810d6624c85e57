/* SPDX-License-Identifier: Apache-2.0 */
/* Time by state: of all threads together, and of each. */
#include "base/memory.h"
#include "cli/report_section.h"
#include "cli/report_line.h"
#include <inttypes.h>
#include <stdlib.h>

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

/* The biggest first; 17 reasons are few. */
static void print_reasons(const struct report *report, const struct paper *paper)
{
	const struct lane_times *sum = &report->sum;
	uint8_t is_printed[WAIT_REASON_COUNT] = {0};
	for (;;) {
		int biggest = -1;
		for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
			if (!is_printed[reason] && shown_waiting(report, sum, reason) &&
			    (biggest < 0 ||
			     shown_waiting(report, sum, reason) > shown_waiting(report, sum, biggest)))
				biggest = reason;
		if (biggest < 0)
			return;
		is_printed[biggest] = 1;
		char name[32];
		snprintf(name, sizeof name, "  %s", wait_reason_word((enum wait_reason)biggest));
		print_state(paper, INK_PLAIN, name, shown_waiting(report, sum, biggest), lane_times_life(sum),
			    remark_of(biggest));
	}
}

static void print_provenance(const struct report *report, const struct paper *paper)
{
	const struct lane_times *sum = &report->sum;
	uint64_t life_ns = lane_times_life(sum), observed_ns = life_ns - sum->inferred_ns - sum->unknown_ns;
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
	uint64_t life_ns = lane_times_life(sum);
	char remark[96], life[PAPER_NUMBER_MAX];
	snprintf(remark, sizeof remark, "%zu thread%s, %s of their time together", report->chosen,
		 report->chosen == 1 ? "" : "s", paper_duration(life_ns, life));
	section_title(paper, "Time by state", remark);
	print_state(paper, INK_PLAIN, "running", sum->running_ns, life_ns, "");
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
	for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
		if (shown_waiting(report, times, reason) &&
		    (biggest < 0 ||
		     shown_waiting(report, times, reason) > shown_waiting(report, times, biggest)))
			biggest = reason;
	return biggest < 0 ? "" : wait_reason_word((enum wait_reason)biggest);
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
	const struct lane_times *times = &report->times[lane];
	const struct thread *thread = &report->survey.processes.threads[lane];
	uint64_t life_ns = lane_times_life(times);
	char number[PAPER_NUMBER_MAX];
	snprintf(number, sizeof number, "%" PRIu64, thread->tid);
	paper_right(paper, INK_PLAIN, TID_WIDTH, number);
	fputc(' ', paper->output);
	paper_column(paper, INK_PLAIN, NAME_WIDTH, "%s", thread->name ? thread->name : "");
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

void section_threads(const struct report *report, const struct paper *paper)
{
	if (!report->chosen)
		return;
	struct row *rows = memory_resize(NULL, report->chosen, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < report->account.lane_count; i++)
		if (report->is_chosen[i])
			rows[count++] = (struct row){
				(uint32_t)i, all_shown_waiting(report, &report->times[i]),
				report->times[i].running_ns, report->survey.processes.threads[i].number};
	qsort(rows, count, sizeof *rows, by_waiting);

	size_t shown = count < report->settings->top ? count : report->settings->top;
	char remark[96] = "";
	if (shown < count)
		snprintf(remark, sizeof remark, "%zu of %zu, those that waited most", shown, count);
	section_title(paper, "Threads", remark);
	print_row_title(paper);
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

void section_no_cpu(const struct report *report, const struct paper *paper)
{
	struct row *rows = memory_resize(NULL, report->chosen, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < report->account.lane_count; i++) {
		uint64_t delay_ns = report->times[i].runnable_ns + report->times[i].throttled_ns;
		if (report->is_chosen[i] && delay_ns)
			rows[count++] = (struct row){(uint32_t)i, 0, delay_ns,
						     report->survey.processes.threads[i].number};
	}
	if (count) {
		qsort(rows, count, sizeof *rows, by_delay);
		section_title(paper, "Ready, but without a CPU", "by thread");
		paper_print(paper, INK_FAINT, PAPER_WIDTH, "   runnable  throttled  of life       tid name");
		fputc('\n', paper->output);
	}
	for (size_t i = 0; i < count && i < report->settings->top; i++) {
		const struct lane_times *times = &report->times[rows[i].lane];
		const struct thread *thread = &report->survey.processes.threads[rows[i].lane];
		char text[PAPER_NUMBER_MAX];
		paper_right(paper, INK_PLAIN, 11, paper_duration(times->runnable_ns, text));
		paper_right(paper, INK_PLAIN, 11, paper_duration(times->throttled_ns, text));
		paper_right(paper, INK_PLAIN, 9,
			    paper_percent(times->runnable_ns + times->throttled_ns, lane_times_life(times),
					  text));
		snprintf(text, sizeof text, "%" PRIu64, thread->tid);
		paper_right(paper, INK_PLAIN, 10, text);
		paper_print(paper, INK_PLAIN, 38, " %s", thread->name ? thread->name : "");
		fputc('\n', paper->output);
	}
	free(rows);
}
