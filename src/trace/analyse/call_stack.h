/* SPDX-License-Identifier: Apache-2.0 */
/* call_stack.h — a stack as people read it, leaf first, with inlined functions as frames of their own.
 *
 * Memory:   the caller's; at most CALL_STACK_MAX frames, more are left out at the root and the stack counts as cut.
 */
#pragma once
#include <stdbool.h>
#include "trace/read/survey.h"

enum { CALL_STACK_MAX = 512 };

struct call_stack {
	size_t count;
	struct source_frame frames[CALL_STACK_MAX]; /* texts live as long as the survey */
	bool is_cut; /* it ends early: what called the last frame is not known */
};

/* process: index; stack: node, 0 none. */
void call_stack_read(const struct survey *survey, uint32_t process, uint64_t stack,
		     struct call_stack *out_stack);

/* The position of the first frame that says something to the program's author: libc, the C++ library's wrappers, Go's runtime and tickbird's
 * own library are passed over. 0 when there is nothing else; the stack has at least one frame. */
size_t call_stack_first_own(const struct call_stack *stack);

/* How many frames there are without libc's at the root, which start every thread. All of them when nothing else is left. */
size_t call_stack_own_end(const struct call_stack *stack);

/* The last part of a path. */
const char *path_tail(const char *path);
