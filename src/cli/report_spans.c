/* SPDX-License-Identifier: Apache-2.0 */
/* What the program and its runtime say they did: tasks, regions, collections, stops; and where CPU samples were taken. */
#include "base/memory.h"
#include "cli/report_line.h"
#include "cli/report_section.h"
#include <stdlib.h>

enum { COUNT_WIDTH = 9, TIME_WIDTH = 9, SAMPLE_FRAMES_SHOWN = 6 };

static int by_total(const void *a, const void *b)
{
	const struct span_kind *one = *(const struct span_kind *const *)a,
			       *two = *(const struct span_kind *const *)b;
	if (one->total_ns != two->total_ns)
		return one->total_ns < two->total_ns ? 1 : -1;
	return (one > two) - (one < two);
}

static void print_head(const struct paper *paper)
{
	static const char *const columns[] = {"together", "P50", "P95", "P99", "max"};
	paper_right(paper, INK_FAINT, COUNT_WIDTH, "count");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		paper_right(paper, INK_FAINT, TIME_WIDTH, columns[i]);
	fputc('\n', paper->output);
}

static void print_kind(const struct paper *paper, const struct span_kind *kind)
{
	char text[PAPER_NUMBER_MAX];
	const uint64_t times[] = {kind->total_ns, span_kind_percentile(kind, 50),
				  span_kind_percentile(kind, 95), span_kind_percentile(kind, 99),
				  kind->max_ns};
	paper_right(paper, INK_PLAIN, COUNT_WIDTH, paper_count(kind->count, text));
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		paper_right(paper, INK_PLAIN, TIME_WIDTH, paper_duration(times[i], text));
	size_t used = COUNT_WIDTH + TIME_WIDTH * (sizeof times / sizeof *times);
	if (kind->unfinished)
		paper_print(paper, INK_PLAIN, PAPER_WIDTH - used, "  %s (%llu unfinished)", kind->name,
			    (unsigned long long)kind->unfinished);
	else
		paper_print(paper, INK_PLAIN, PAPER_WIDTH - used, "  %s", kind->name);
	fputc('\n', paper->output);
}

static void print_class(const struct report *report, const struct paper *paper, enum span_class class,
			const char *title, const char *remark)
{
	const struct span_kinds *spans = &report->ledger.spans;
	const struct span_kind **rows = memory_resize(NULL, spans->count, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < spans->count; i++)
		if (spans->kinds[i].class == class)
			rows[count++] = &spans->kinds[i];
	if (count) {
		qsort(rows, count, sizeof *rows, by_total);
		section_title(paper, title, remark);
		print_head(paper);
	}
	for (size_t i = 0; i < count && i < report->settings->top; i++)
		print_kind(paper, rows[i]);
	free(rows);
}

void section_spans(const struct report *report, const struct paper *paper)
{
	print_class(report, paper, SPAN_TASK, "Tasks", "");
	print_class(report, paper, SPAN_REGION, "Regions", "");
	print_class(report, paper, SPAN_RANGE, "Garbage collector and stops", "");
}

static int by_count(const void *a, const void *b)
{
	const struct sample_site *one = *(const struct sample_site *const *)a,
				 *two = *(const struct sample_site *const *)b;
	if (one->count != two->count)
		return one->count < two->count ? 1 : -1;
	return (one > two) - (one < two);
}

void section_samples(const struct report *report, const struct paper *paper)
{
	const struct ledger *ledger = &report->ledger;
	const struct sample_site **rows = memory_resize(NULL, ledger->sample_count, sizeof *rows);
	uint64_t total = 0;
	size_t count = 0;
	for (size_t i = 0; i < ledger->sample_count; i++) {
		if (!report->is_group_chosen[ledger->samples[i].group])
			continue;
		rows[count++] = &ledger->samples[i];
		total += ledger->samples[i].count;
	}
	if (count) {
		char text[PAPER_NUMBER_MAX];
		qsort(rows, count, sizeof *rows, by_count);
		section_title(paper, "CPU samples", paper_count(total, text));
	}
	for (size_t i = 0; i < count && i < report->settings->top; i++) {
		char text[PAPER_NUMBER_MAX];
		struct call_stack stack;
		call_stack_read(&report->survey, ledger->groups[rows[i]->group].process, rows[i]->stack,
				&stack);
		paper_right(paper, INK_STRONG, 10, paper_percent(rows[i]->count, total, text));
		fputc('\n', paper->output);
		print_frames(paper, &stack, 0, SAMPLE_FRAMES_SHOWN, 12);
	}
	free(rows);
}
