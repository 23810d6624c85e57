/* SPDX-License-Identifier: Apache-2.0 */
/* What was recorded, and what the reader must know before believing a number. */
#include "cli/report_section.h"
#include "cli/report_line.h"
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { LABEL_WIDTH = 10 };

static void print_line(const struct paper *paper, const char *label, const char *text)
{
	fputs("  ", paper->output);
	paper_column(paper, INK_FAINT, LABEL_WIDTH, "%s", label);
	paper_print(paper, INK_PLAIN, PAPER_WIDTH - LABEL_WIDTH - 2, "%s", text);
	fputc('\n', paper->output);
}

static void print_recorded(const struct report *report, const struct paper *paper)
{
	const struct recording *recording = &report->survey.recording;
	char duration[PAPER_NUMBER_MAX], when[48] = "", where[160] = "", text[320];
	time_t seconds = (time_t)(recording->realtime_ns / 1000000000u);
	struct tm moment;
	if (recording->realtime_ns && gmtime_r(&seconds, &moment))
		strftime(when, sizeof when, " from %Y-%m-%d %H:%M:%S UTC", &moment);
	if (recording->hostname)
		snprintf(where, sizeof where, " on %s (%" PRIu64 " CPU%s, Linux %s)", recording->hostname,
			 recording->cpus, recording->cpus == 1 ? "" : "s", recording->kernel);
	snprintf(text, sizeof text, "%s%s%s",
		 paper_duration(recording->end_ns - recording->start_ns, duration), when, where);
	print_line(paper, "recorded", text);
}

static void print_part(const struct report *report, const struct paper *paper)
{
	const struct recording *recording = &report->survey.recording;
	if (report->start_ns == recording->start_ns && report->end_ns == recording->end_ns)
		return;
	char from[PAPER_NUMBER_MAX], to[PAPER_NUMBER_MAX], text[96];
	snprintf(text, sizeof text, "%s to %s after the start",
		 paper_duration(report->start_ns - recording->start_ns, from),
		 paper_duration(report->end_ns - recording->start_ns, to));
	print_line(paper, "shown", text);
}

static void print_trace(const struct report *report, const struct paper *paper)
{
	const struct recording *recording = &report->survey.recording;
	const struct process_table *table = &report->survey.processes;
	size_t processes = 0;
	for (size_t i = 0; i < table->process_count; i++)
		processes += table->processes[i].has_start;
	char events[PAPER_NUMBER_MAX], text[200], lanes[64], exit_text[48] = "";
	if (recording->has_end)
		snprintf(exit_text, sizeof exit_text, ", exit code %" PRIu64, recording->exit_code);
	int size = snprintf(text, sizeof text, "%s event%s, %s", paper_count(recording->events, events),
			    recording->events == 1 ? "" : "s",
			    recording->lost_events ? "SOME LOST" : "none lost");
	if (table->thread_count || !report->go_version)
		snprintf(text + size, sizeof text - (size_t)size, "; %zu process%s, %s%s", processes,
			 processes == 1 ? "" : "es", lane_counts(table->thread_count, 0, lanes), exit_text);
	print_line(paper, "trace", text);
	if (!report->go_version)
		return;
	snprintf(text, sizeof text, "1.%u: %s", report->go_version,
		 lane_counts(0, report->ledger.lane_count - table->thread_count, lanes));
	print_line(paper, "Go", text);
}

static void print_alarms(const struct report *report, const struct paper *paper)
{
	const struct recording *recording = &report->survey.recording;
	const struct trace_condition *condition = &report->survey.condition;
	char number[PAPER_NUMBER_MAX];
	if (recording->lost_events)
		paper_paragraph(
			paper, INK_ALARM, 2,
			"%s EVENT%s LOST: waits are missing below. Record with a larger --arena-size or "
			"--threshold.",
			paper_count(recording->lost_events, number), recording->lost_events == 1 ? "" : "S");
	if (condition->blocks_damaged)
		paper_paragraph(paper, INK_ALARM, 2,
				"THE FILE IS DAMAGED in %s place%s: what stood there is missing below.",
				paper_count(condition->blocks_damaged, number),
				condition->blocks_damaged == 1 ? "" : "s");
	if (condition->is_cut)
		paper_paragraph(paper, INK_STRONG, 2,
				"The file is cut: the recording was stopped hard, or the file is not whole. "
				"This is what "
				"stands before the cut, at byte %" PRIu64 ".",
				condition->cut_at);
	if (report->go.broken)
		paper_paragraph(paper, INK_ALARM, 2,
				"THE TRACE IS BROKEN in %s place%s: %s. The report is of the rest.",
				paper_count(report->go.broken, number), report->go.broken == 1 ? "" : "s",
				report->go.first.text);
	if (report->go.is_cut)
		paper_paragraph(paper, INK_STRONG, 2,
				"The trace is cut at byte %" PRIu64
				": the recording was stopped hard, or the file is not "
				"whole. This is what stands before the cut.",
				report->go.cut_at);
	if (report->survey.clock.is_guess && report->survey.has_ticks[TRACE_CLOCK_TSC])
		paper_paragraph(
			paper, INK_ALARM, 2,
			"THE CLOCK IS NOT KNOWN: too few clock pairs; one tick is taken for a nanosecond.");
}

void section_head(const struct report *report, const struct paper *paper)
{
	paper_print(paper, INK_TITLE, PAPER_WIDTH, "Where the time went: %s",
		    strstr(report->source, SOURCE_SEPARATOR) ? report->source : path_tail(report->source));
	fputc('\n', paper->output);
	if (report->survey.recording.command)
		print_line(paper, "command", report->survey.recording.command);
	print_recorded(report, paper);
	print_part(report, paper);
	print_trace(report, paper);
	print_alarms(report, paper);
}
