/* SPDX-License-Identifier: Apache-2.0 */
/* The conclusion: the biggest losses in words. A lock is one cause with all its waiters; any other wait is one with its stack;
 * being ready without a CPU is one for all threads. */
#include "base/memory.h"
#include "cli/report_section.h"
#include "cli/report_line.h"
#include "trace/analyse/lock_holders.h"
#include <stdbool.h>
#include <stdlib.h>

enum { CAUSES_SHOWN = 5, NUMBER_WIDTH = 10 };

struct cause {
	enum { CAUSE_LOCK, CAUSE_WAIT, CAUSE_RUNNABLE, CAUSE_THROTTLED } kind;
	uint64_t total_ns;
	const struct contended_object *lock;
	const struct wait_group *group;
};

static int by_total(const void *a, const void *b)
{
	const struct cause *one = a, *two = b;
	if (one->total_ns != two->total_ns)
		return one->total_ns < two->total_ns ? 1 : -1;
	return (one->kind > two->kind) - (one->kind < two->kind);
}

/* Time that nobody saw end or explained has no cause that could be named. */
static bool has_cause(const struct report *report, const struct wait_group *group)
{
	bool is_of_lock = group->reason == WAIT_LOCK && group->object.kind == OBJECT_ADDRESS;
	bool is_bare = group->reason == WAIT_UNSEEN && !group->stack;
	return is_shown(report, group) && !is_of_lock && !is_bare && group->total_ns;
}

static struct cause *gather(const struct report *report, const struct contended_objects *locks,
			    size_t *out_count)
{
	struct cause *causes = memory_resize(NULL, locks->count + report->groups.count + 2, sizeof *causes);
	size_t count = 0;
	for (size_t i = 0; i < locks->count; i++)
		if (locks->objects[i].total_ns)
			causes[count++] = (struct cause){CAUSE_LOCK, locks->objects[i].total_ns,
							 &locks->objects[i], NULL};
	for (size_t i = 0; i < report->groups.count; i++)
		if (has_cause(report, &report->groups.groups[i]))
			causes[count++] = (struct cause){CAUSE_WAIT, report->groups.groups[i].total_ns, NULL,
							 &report->groups.groups[i]};
	if (report->sum.runnable_ns)
		causes[count++] = (struct cause){CAUSE_RUNNABLE, report->sum.runnable_ns, NULL, NULL};
	if (report->sum.throttled_ns)
		causes[count++] = (struct cause){CAUSE_THROTTLED, report->sum.throttled_ns, NULL, NULL};
	if (count)
		qsort(causes, count, sizeof *causes, by_total);
	*out_count = count;
	return causes;
}

/* "orders_reserve_stock waits (orders.c:120)" */
static void print_actor(const struct report *report, const struct paper *paper, uint32_t process,
			uint64_t node, const char *verb)
{
	struct call_stack stack;
	call_stack_read(&report->survey, process, node, &stack);
	if (!stack.count)
		return;
	const struct source_frame *frame = &stack.frames[call_stack_first_own(&stack)];
	const char *place = frame_place(frame);
	fprintf(paper->output, "%*s", NUMBER_WIDTH + 2, "");
	paper_print(paper, INK_PLAIN, PAPER_WIDTH - NUMBER_WIDTH - 2, place[0] ? "%s %s (%s)" : "%s %s",
		    frame_name(frame), verb, place);
	fputc('\n', paper->output);
}

static void print_counts(const struct paper *paper, uint64_t lanes, enum lane_kind kind, uint64_t count,
			 uint64_t max_ns)
{
	char longest[PAPER_NUMBER_MAX], waits[PAPER_NUMBER_MAX];
	fprintf(paper->output, "%*s", NUMBER_WIDTH + 2, "");
	paper_print(paper, INK_FAINT, PAPER_WIDTH - NUMBER_WIDTH - 2, "over %llu %s, %s wait%s, longest %s",
		    (unsigned long long)lanes, lane_word(kind, lanes), paper_count(count, waits),
		    count == 1 ? "" : "s", paper_duration(max_ns, longest));
	fputc('\n', paper->output);
}

static void print_headline(const struct paper *paper, uint64_t total_ns, const char *text)
{
	char total[PAPER_NUMBER_MAX];
	paper_right(paper, INK_STRONG, NUMBER_WIDTH, paper_duration(total_ns, total));
	paper_print(paper, INK_STRONG, PAPER_WIDTH - NUMBER_WIDTH, "  %s", text);
	fputc('\n', paper->output);
}

/* Threads and goroutines among those that are chosen. */
static void count_without_cpu(const struct report *report, bool is_throttled, size_t out_counts[2])
{
	out_counts[LANE_THREAD] = out_counts[LANE_GOROUTINE] = 0;
	for (size_t i = 0; i < report->ledger.lane_count; i++) {
		const struct lane *lane = &report->ledger.lanes[i];
		if (report->is_chosen[i] && (is_throttled ? lane->throttled_ns : lane->runnable_ns))
			out_counts[lane->kind]++;
	}
}

static void print_no_cpu(const struct report *report, const struct paper *paper, const struct cause *cause)
{
	bool is_throttled = cause->kind == CAUSE_THROTTLED;
	char text[160], lanes[64];
	size_t counts[2];
	count_without_cpu(report, is_throttled, counts);
	snprintf(text, sizeof text, "%s: ready to run, %s (%s)", is_throttled ? "throttled" : "no CPU",
		 is_throttled ? "held back by the CPU quota" : "but every CPU was busy",
		 lane_counts(counts[LANE_THREAD], counts[LANE_GOROUTINE], lanes));
	print_headline(paper, cause->total_ns, text);
}

static void print_lock(const struct report *report, const struct paper *paper,
		       const struct contended_object *lock)
{
	print_headline(paper, lock->total_ns, wait_title(report, WAIT_LOCK, lock->object));
	print_actor(report, paper, lock->process, lock->groups[0]->stack, "waits");
	struct lock_holder holder;
	if (lock_holders_find(lock, &holder, 1))
		print_actor(report, paper, holder.process, holder.stack, "holds it");
	print_counts(paper, lock->lanes, LANE_THREAD, lock->count, lock->max_ns);
}

static void print_wait(const struct report *report, const struct paper *paper, const struct wait_group *group)
{
	print_headline(paper, group->total_ns, wait_title(report, group->reason, group->object));
	print_actor(report, paper, group->process, group->stack,
		    is_before_stack(group) ? "comes next" : "waits");
	if (group->waker_count)
		print_actor(report, paper, group->process, group->wakers[0].stack, "ends the wait");
	print_counts(paper, group->lanes, group->kind, group->count, group->max_ns);
}

void section_causes(const struct report *report, const struct paper *paper)
{
	struct contended_objects locks;
	contended_locks_init(&locks, &report->groups, &report->ledger, report->is_group_chosen);
	size_t count, shown = report->settings->top < CAUSES_SHOWN ? report->settings->top : CAUSES_SHOWN;
	struct cause *causes = gather(report, &locks, &count);
	section_title(paper, "Biggest losses",
		      report->settings->idle ? "idle waits included" : "waits for work left aside");
	if (!count)
		fputs("  None that is known.\n", paper->output);
	for (size_t i = 0; i < count && i < shown; i++) {
		switch (causes[i].kind) {
		case CAUSE_LOCK:
			print_lock(report, paper, causes[i].lock);
			break;
		case CAUSE_WAIT:
			print_wait(report, paper, causes[i].group);
			break;
		case CAUSE_RUNNABLE:
		case CAUSE_THROTTLED:
			print_no_cpu(report, paper, &causes[i]);
			break;
		}
	}
	free(causes);
	contended_objects_fini(&locks);
}
