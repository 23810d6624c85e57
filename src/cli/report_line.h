/* SPDX-License-Identifier: Apache-2.0 */
/* report_line.h — lines and words that several sections of the text report have: titles, stacks, what was waited for. */
#pragma once
#include <stdbool.h>
#include "cli/paper.h"
#include "cli/report.h"
#include "trace/analyse/call_stack.h"

/* An empty line and the title. */
void section_title(const struct paper *paper, const char *title, const char *remark);

/* The function of a frame, or module+0xoffset; alive until the next call. */
const char *frame_name(const struct source_frame *frame);

/* "orders.c:120", "libc.so.6" or ""; alive until the next call. */
const char *frame_place(const struct source_frame *frame);

/* Frames from `first` on, one a line, at most `most` of them. */
void print_frames(const struct paper *paper, const struct call_stack *stack, size_t first, size_t most,
		  size_t indent);

/* What is left aside unless --idle: idle waits. */
static inline bool is_shown(const struct report *report, const struct wait_group *group)
{
	return report->settings->idle || !group->is_idle;
}

/* Waits that no hook saw have the stack of the next call that one did see. */
static inline bool is_before_stack(const struct wait_group *group)
{
	return group->stack && (group->reason == WAIT_UNSEEN || group->reason == WAIT_FAULT);
}

/* "lock 0x55d0c0de1040", "disk /var/orders.db", "sleep"; alive until the next call. */
const char *wait_title(const struct report *report, unsigned reason, struct object_id object);

/* "3 threads", "1 thread and 20 goroutines" */
const char *lane_counts(size_t threads, size_t goroutines, char out_text[64]);

/* "thread", or as the count asks "threads"; of goroutines alike. */
const char *lane_word(enum lane_kind kind, uint64_t count);

/* What people know a lane by: a thread's id, a goroutine's number. */
static inline uint64_t lane_number(const struct lane *lane)
{
	return lane->kind == LANE_THREAD ? lane->tid : lane->id;
}

/* The word of a reason, or what to say where nobody told it. */
const char *reason_title(const struct report *report, unsigned reason);
