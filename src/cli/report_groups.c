/* SPDX-License-Identifier: Apache-2.0 */
/* Goroutines by the function that they were started with. */
#include "base/memory.h"
#include "cli/report_line.h"
#include "cli/report_section.h"
#include "trace/analyse/grouped_lanes.h"
#include <stdlib.h>

enum { COUNT_WIDTH = 9, LIFE_WIDTH = 9, SHARE_WIDTH = 8 };

struct row {
	const struct lane_bundle *bundle;
	uint64_t busy_ns; /* what is worth looking at: running, ready, waiting and not idle */
};

static int by_busy(const void *a, const void *b)
{
	const struct row *one = a, *two = b;
	if (one->busy_ns != two->busy_ns)
		return one->busy_ns < two->busy_ns ? 1 : -1;
	return (one->bundle > two->bundle) - (one->bundle < two->bundle);
}

static void print_head(const struct paper *paper)
{
	static const char *const shares[] = {"running", "call", "ready", "waiting", "idle"};
	paper_right(paper, INK_FAINT, COUNT_WIDTH, "count");
	paper_right(paper, INK_FAINT, LIFE_WIDTH, "time");
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		paper_right(paper, INK_FAINT, SHARE_WIDTH, shares[i]);
	paper_print(paper, INK_FAINT, PAPER_WIDTH, "  started with");
	fputc('\n', paper->output);
}

static void print_row(const struct report *report, const struct paper *paper,
		      const struct lane_bundle *bundle, const struct lane_times *sum)
{
	uint64_t idle_ns = report->settings->idle ? 0 : lane_times_idle(sum);
	uint64_t shares[] = {sum->running_ns, sum->call_ns, sum->runnable_ns,
			     lane_times_waiting(sum) - idle_ns, idle_ns};
	char number[PAPER_NUMBER_MAX];
	const char *name = report->ledger.groups[bundle->group].name;
	paper_right(paper, INK_PLAIN, COUNT_WIDTH, paper_count(bundle->count, number));
	paper_right(paper, INK_PLAIN, LIFE_WIDTH, paper_duration(sum->life_ns, number));
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		paper_right(paper, INK_PLAIN, SHARE_WIDTH, paper_percent(shares[i], sum->life_ns, number));
	size_t used = COUNT_WIDTH + LIFE_WIDTH + SHARE_WIDTH * (sizeof shares / sizeof *shares);
	paper_print(paper, INK_PLAIN, PAPER_WIDTH - used, "  %s", name && name[0] ? name : "(not told)");
	fputc('\n', paper->output);
}

void section_groups(const struct report *report, const struct paper *paper)
{
	if (!report->goroutines)
		return;
	struct grouped_lanes grouped;
	grouped_lanes_init(&grouped, &report->ledger, report->is_chosen, LANE_GOROUTINE);
	struct row *rows = memory_resize(NULL, grouped.count, sizeof *rows);
	struct lane_times sum;
	for (size_t i = 0; i < grouped.count; i++) {
		grouped_lanes_sum(&grouped, &report->ledger, &grouped.bundles[i], &sum);
		rows[i] = (struct row){&grouped.bundles[i], sum.life_ns - lane_times_idle(&sum)};
	}
	qsort(rows, grouped.count, sizeof *rows, by_busy);
	size_t shown = grouped.count < report->settings->top ? grouped.count : report->settings->top;
	char remark[96] = "by start function";
	if (shown < grouped.count)
		snprintf(remark, sizeof remark, "by start function; %zu of %zu, the busiest", shown,
			 grouped.count);
	section_title(paper, "Goroutines", remark);
	print_head(paper);
	for (size_t i = 0; i < shown; i++) {
		grouped_lanes_sum(&grouped, &report->ledger, rows[i].bundle, &sum);
		print_row(report, paper, rows[i].bundle, &sum);
	}
	free(rows);
	grouped_lanes_fini(&grouped);
}
