/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec/exec_plan.h"
#include <string.h>
#include <unistd.h>
#include "record/environment.h"
#include "runtime/core/process.h"
#include "runtime/core/syscall.h"

static long system_call(long number, long a, long b, long c, long d)
{
	return syscall_6(number, a, b, c, d, 0, 0);
}

size_t exec_plan_make(struct exec_plan *out_plan, int directory, const char *path, int flags,
		      char *const *environment)
{
	const struct kept_environment *kept = &guest_kept_environment;
	struct exec_plan plan = {.path = path, .kind = PROGRAM_UNKNOWN};
	const char *disabled = environment_value(environment, ENVIRONMENT_DISABLE);
	if (disabled && *disabled)
		plan.kind = PROGRAM_DISABLED;
	else if (path)
		plan.kind = program_look(system_call, directory, path, flags, kept->library);
	enum program_preload preload = program_preload(plan.kind);
	if (process_word() == PROCESS_ASLEEP && preload == PRELOAD_ADD)
		preload = PRELOAD_LEAVE; /* nobody records any more */
	size_t room = child_environment_plan(&plan.environment, kept, environment, preload);
	*out_plan = plan;
	return room;
}

void exec_plan_tell(const struct exec_plan *plan, int child)
{
	if (program_is_unseen(plan->kind) && process_word() != PROCESS_ASLEEP)
		process_tell_unseen((uint32_t)child, plan->kind, plan->path ? plan->path : "");
}

void exec_plan_undo(const struct exec_plan *plan)
{
	if (program_is_unseen(plan->kind) && process_word() != PROCESS_ASLEEP)
		process_tell_unseen(0, PROGRAM_FITS, "");
}

const char *exec_plan_find(const char *name, char room[PROGRAM_PATH_SIZE])
{
	return name ? program_find(system_call, name, environment_value(environ, "PATH"), room) : NULL;
}

void exec_plan_root_changed(void)
{
	const struct kept_environment *kept = &guest_kept_environment;
	if (program_can_open(system_call, kept->library))
		return;
	/* Only the text that the kernel made can be written to: the program may have put a constant in its place. */
	char *list = environment_value(environ, PRELOAD_VARIABLE);
	if (list && list == kept->loaded_preload)
		preload_list_cut(list, kept);
}
