/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/call_stack.h"
#include <stdbool.h>
#include <string.h>

void call_stack_read(const struct survey *survey, uint32_t process, uint64_t stack,
		     struct call_stack *out_stack)
{
	struct stack_path path;
	uint64_t number = survey->processes.processes[process].number;
	stack_table_path(&survey->stacks, number, stack, &path);
	out_stack->count = 0;
	out_stack->is_cut = path.is_cut;
	for (size_t i = 0; i < path.depth; i++) {
		struct source_frame frames[INLINE_DEPTH_MAX];
		const struct stack_node *node = path.nodes[i];
		size_t count = code_table_resolve(&survey->code, &survey->strings, number, node->pc,
						  node->seen_ns, frames);
		if (out_stack->count + count > CALL_STACK_MAX) {
			out_stack->is_cut = true;
			return;
		}
		memcpy(out_stack->frames + out_stack->count, frames, count * sizeof *frames);
		out_stack->count += count;
	}
}

const char *path_tail(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static int begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool is_plumbing(const struct source_frame *frame)
{
	static const char *const modules[] = {"libc.so",     "libc-",    "libpthread",
					      "libtickbird", "ld-linux", "[vdso]"};
	static const char *const functions[] = {
		"std::",    "__gthread", "void std::", "bool std::", "pthread_",
		"runtime.", "internal/", "sync.",      "syscall.",   "time.Sleep"};
	const char *module = frame->module ? path_tail(frame->module) : "";
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (begins_with(module, modules[i]))
			return true;
	for (size_t i = 0; frame->function && i < sizeof functions / sizeof *functions; i++)
		if (begins_with(frame->function, functions[i]))
			return true;
	return false;
}

size_t call_stack_own_end(const struct call_stack *stack)
{
	size_t end = stack->count;
	while (end > 0 && is_plumbing(&stack->frames[end - 1]))
		end--;
	return end ? end : stack->count;
}

size_t call_stack_first_own(const struct call_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (!is_plumbing(&stack->frames[i]))
			return i;
	return 0;
}
