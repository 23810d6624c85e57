/* SPDX-License-Identifier: Apache-2.0 */
/* The waits themselves: by call site, by lock, by descriptor. */
#include "cli/report_section.h"
#include "cli/report_line.h"
#include "trace/analyse/object_name.h"
#include "trace/analyse/lock_holders.h"

enum {
	FRAMES_SHOWN = 10,      /* of a waiter's stack */
	WAKER_FRAMES_SHOWN = 3, /* of each of those who ended its waits */
	WAKERS_SHOWN = 3,
	LOCK_FRAMES_SHOWN = 4, /* of each waiter of a lock */
	LOCK_SIDES_SHOWN = 3,  /* waiters and holders of a lock */
};

static void print_numbers(const struct paper *paper, uint64_t count, uint64_t max_ns, uint64_t lanes,
			  enum lane_kind kind)
{
	char waits[PAPER_NUMBER_MAX], longest[PAPER_NUMBER_MAX];
	paper_paragraph(paper, INK_FAINT, 12, "%s wait%s, longest %s, %llu %s", paper_count(count, waits),
			count == 1 ? "" : "s", paper_duration(max_ns, longest), (unsigned long long)lanes,
			lane_word(kind, lanes));
}

static void print_title(const struct report *report, const struct paper *paper, uint64_t total_ns,
			unsigned reason, struct object_id object, const char *mark)
{
	char total[PAPER_NUMBER_MAX];
	paper_right(paper, INK_STRONG, 10, paper_duration(total_ns, total));
	paper_print(paper, INK_STRONG, PAPER_WIDTH - 10, "  %s%s", wait_title(report, reason, object), mark);
	fputc('\n', paper->output);
}

/* With their share of the time that is put down to anybody. */
static void print_wakers(const struct report *report, const struct paper *paper,
			 const struct wait_group *group)
{
	uint64_t caused_ns = 0;
	for (size_t i = 0; i < group->waker_count; i++)
		caused_ns += group->wakers[i].caused_ns;
	for (size_t i = 0; i < group->waker_count && i < WAKERS_SHOWN; i++) {
		const struct waker_group *waker = &group->wakers[i];
		char percent[PAPER_NUMBER_MAX];
		struct call_stack stack;
		call_stack_read(&report->survey, group->process, waker->stack, &stack);
		fprintf(paper->output, "%*s", 12, "");
		paper_print(paper, INK_FAINT, PAPER_WIDTH - 12, "%s %s by",
			    paper_percent(waker->caused_ns, caused_ns, percent),
			    group->reason == WAIT_LOCK ? "while held" : "ended");
		fputc('\n', paper->output);
		print_frames(paper, &stack, stack.count ? call_stack_first_own(&stack) : 0,
			     WAKER_FRAMES_SHOWN, 16);
	}
}

static const char *mark_of(const struct wait_group *group)
{
	return group->is_idle                         ? " (idle)"
	       : group->object.kind == OBJECT_UNENDED ? " (no call was seen after it)"
						      : "";
}

void section_waits(const struct report *report, const struct paper *paper)
{
	uint64_t shown = 0;
	for (size_t i = 0; i < report->groups.count && shown < report->settings->top; i++) {
		const struct wait_group *group = &report->groups.groups[i];
		if (!is_shown(report, group) || !group->total_ns)
			continue;
		if (!shown++)
			section_title(paper, "Longest waits", "by reason, object and stack; leaf first");
		print_title(report, paper, group->total_ns, group->reason, group->object, mark_of(group));
		print_numbers(paper, group->count, group->max_ns, group->lanes, group->kind);
		if (is_before_stack(group))
			paper_paragraph(paper, INK_FAINT, 12, "not seen itself; the next call seen is");
		struct call_stack stack;
		call_stack_read(&report->survey, group->process, group->stack, &stack);
		print_frames(paper, &stack, stack.count ? call_stack_first_own(&stack) : 0, FRAMES_SHOWN, 12);
		print_wakers(report, paper, group);
	}
}

static void print_side(const struct report *report, const struct paper *paper, const char *label, uint64_t ns,
		       uint32_t process, uint64_t node)
{
	char time[PAPER_NUMBER_MAX];
	struct call_stack stack;
	call_stack_read(&report->survey, process, node, &stack);
	fprintf(paper->output, "%*s", 12, "");
	paper_print(paper, INK_FAINT, PAPER_WIDTH - 12, "%s %s", label, paper_duration(ns, time));
	fputc('\n', paper->output);
	print_frames(paper, &stack, stack.count ? call_stack_first_own(&stack) : 0, LOCK_FRAMES_SHOWN, 16);
}

static void print_lock(const struct report *report, const struct paper *paper,
		       const struct contended_object *lock)
{
	print_title(report, paper, lock->total_ns, WAIT_LOCK, lock->object, "");
	print_numbers(paper, lock->count, lock->max_ns, lock->lanes, LANE_THREAD);
	for (size_t i = 0; i < lock->group_count && i < LOCK_SIDES_SHOWN; i++)
		print_side(report, paper, "waited here", lock->groups[i]->total_ns, lock->groups[i]->process,
			   lock->groups[i]->stack);
	struct lock_holder holders[LOCK_SIDES_SHOWN];
	size_t count = lock_holders_find(lock, holders, LOCK_SIDES_SHOWN);
	for (size_t i = 0; i < count; i++)
		print_side(report, paper, "held, and released here, while others waited",
			   holders[i].caused_ns, holders[i].process, holders[i].stack);
}

void section_locks(const struct report *report, const struct paper *paper)
{
	struct contended_objects locks;
	contended_locks_init(&locks, &report->groups, &report->ledger, report->is_group_chosen);
	if (locks.count)
		section_title(paper, "Most contended locks", "");
	for (size_t i = 0; i < locks.count && i < report->settings->top; i++)
		print_lock(report, paper, &locks.objects[i]);
	contended_objects_fini(&locks);
}

void section_descriptors(const struct report *report, const struct paper *paper)
{
	struct contended_objects descriptors;
	contended_descriptors_init(&descriptors, &report->groups, &report->ledger, report->is_group_chosen,
				   report->settings->idle);
	if (descriptors.count) {
		section_title(paper, "Busiest descriptors", "by waiting time");
		paper_print(paper, INK_FAINT, PAPER_WIDTH,
			    "   together     waits   longest reason     path or peer");
		fputc('\n', paper->output);
	}
	for (size_t i = 0; i < descriptors.count && i < report->settings->top; i++) {
		const struct contended_object *descriptor = &descriptors.objects[i];
		char number[PAPER_NUMBER_MAX], name[OBJECT_NAME_MAX];
		object_name(&report->survey, descriptor->object, name);
		paper_right(paper, INK_PLAIN, 11, paper_duration(descriptor->total_ns, number));
		paper_right(paper, INK_PLAIN, 10, paper_count(descriptor->count, number));
		paper_right(paper, INK_PLAIN, 10, paper_duration(descriptor->max_ns, number));
		fputc(' ', paper->output);
		paper_column(paper, INK_FAINT, 10, "%s",
			     wait_reason_word(&report->ledger.reasons, descriptor->reason));
		paper_print(paper, INK_PLAIN, PAPER_WIDTH - 42, " %s", name);
		fputc('\n', paper->output);
	}
	contended_objects_fini(&descriptors);
}

void section_notes(const struct report *report, const struct paper *paper)
{
	char number[PAPER_NUMBER_MAX];
	if (!report->ledger.edges_forgotten && !report->survey.clock.dropped && !report->refused &&
	    !report->go.mismatched_regions)
		return;
	section_title(paper, "Notes", "");
	if (report->ledger.edges_forgotten)
		paper_paragraph(paper, INK_PLAIN, 2,
				"%s releases came too fast to be remembered: their waits are reported "
				"without who ended "
				"them.",
				paper_count(report->ledger.edges_forgotten, number));
	if (report->survey.clock.dropped)
		paper_paragraph(paper, INK_PLAIN, 2,
				"%s clock pairs contradicted the others and were left out.",
				paper_count(report->survey.clock.dropped, number));
	if (report->go.mismatched_regions)
		paper_paragraph(paper, INK_PLAIN, 2, "%s regions ended out of turn; the first: %s.",
				paper_count(report->go.mismatched_regions, number), report->go.mismatch.text);
	if (report->refused)
		paper_paragraph(paper, INK_PLAIN, 2,
				"%s names and stacks went beyond the limits and are left out (--max-names).",
				paper_count(report->refused, number));
}
