/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_line.h"
#include "trace/analyse/object_name.h"
#include <inttypes.h>
#include <string.h>

void section_title(const struct paper *paper, const char *title, const char *remark)
{
	fputc('\n', paper->output);
	size_t columns = paper_print(paper, INK_TITLE, PAPER_WIDTH, "%s", title);
	if (remark[0])
		paper_print(paper, INK_FAINT, PAPER_WIDTH - columns, "  %s", remark);
	fputc('\n', paper->output);
}

const char *frame_name(const struct source_frame *frame)
{
	static char text[256];
	if (frame->function)
		return frame->function;
	if (frame->module)
		snprintf(text, sizeof text, "%s+0x%" PRIx64, path_tail(frame->module), frame->address);
	else
		snprintf(text, sizeof text, "0x%" PRIx64, frame->address);
	return text;
}

const char *frame_place(const struct source_frame *frame)
{
	static char text[256];
	if (frame->file)
		snprintf(text, sizeof text, "%s:%" PRIu64, path_tail(frame->file), frame->line);
	else
		snprintf(text, sizeof text, "%s",
			 frame->function && frame->module ? path_tail(frame->module) : "");
	return text;
}

void print_frames(const struct paper *paper, const struct call_stack *stack, size_t first, size_t most,
		  size_t indent)
{
	enum { PLACE_WIDTH = 26 };
	size_t name_width = PAPER_WIDTH - indent - PLACE_WIDTH - 1;
	size_t own_end = call_stack_own_end(stack);
	size_t end = own_end - first > most ? first + most : own_end;
	for (size_t i = first; i < end; i++) {
		fprintf(paper->output, "%*s", (int)indent, "");
		const char *place = frame_place(&stack->frames[i]);
		if (place[0]) {
			paper_column(paper, INK_PLAIN, name_width, "%s", frame_name(&stack->frames[i]));
			paper_print(paper, INK_FAINT, PLACE_WIDTH + 1, " %s", place);
		} else {
			paper_print(paper, INK_PLAIN, PAPER_WIDTH - indent, "%s",
				    frame_name(&stack->frames[i]));
		}
		fputc('\n', paper->output);
	}
	if (end < own_end) {
		fprintf(paper->output, "%*s", (int)indent, "");
		paper_print(paper, INK_FAINT, PAPER_WIDTH - indent, "and %zu more", own_end - end);
		fputc('\n', paper->output);
	} else if (stack->is_cut) {
		fprintf(paper->output, "%*s", (int)indent, "");
		paper_print(paper, INK_FAINT, PAPER_WIDTH - indent,
			    stack->count ? "the stack ends early here" : "the stack could not be taken");
		fputc('\n', paper->output);
	}
}

const char *wait_title(const struct report *report, unsigned reason, struct object_id object)
{
	static char text[OBJECT_NAME_MAX + 32];
	char name[OBJECT_NAME_MAX];
	object_name(&report->survey, object, name);
	snprintf(text, sizeof text, "%s%s%s", reason_title(report, reason), name[0] ? " " : "", name);
	return text;
}

const char *reason_title(const struct report *report, unsigned reason)
{
	const char *word = wait_reason_word(&report->ledger.reasons, reason);
	return word[0] ? word : "reason not told";
}

const char *lane_word(enum lane_kind kind, uint64_t count)
{
	if (kind == LANE_GOROUTINE)
		return count == 1 ? "goroutine" : "goroutines";
	return count == 1 ? "thread" : "threads";
}

const char *lane_counts(size_t threads, size_t goroutines, char out_text[64])
{
	char of_goroutines[32] = "", of_threads[32] = "";
	snprintf(of_goroutines, sizeof of_goroutines, "%zu %s", goroutines,
		 lane_word(LANE_GOROUTINE, goroutines));
	snprintf(of_threads, sizeof of_threads, "%zu %s", threads, lane_word(LANE_THREAD, threads));
	snprintf(out_text, 64, "%s%s%s", threads || !goroutines ? of_threads : "",
		 threads && goroutines ? " and " : "", goroutines ? of_goroutines : "");
	return out_text;
}
