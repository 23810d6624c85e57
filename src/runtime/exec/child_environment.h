/* SPDX-License-Identifier: Apache-2.0 */
/* child_environment.h — the environment that a new program is given, with or without our library in it.
 *
 *	struct child_environment plan;
 *	size_t room = child_environment_plan(&plan, kept, environment, PRELOAD_ADD);
 *	if (room)
 *		environment = child_environment_make(&plan, alloca(room));
 *
 * What a child sees: LD_PRELOAD with our library behind what was there before, and our variables (schema/settings.toml)
 * where it does not set them itself; every other entry in its place. Where the library would do harm, or is disabled,
 * LD_PRELOAD is as it would be without us.
 *
 * Threads:  safe in a signal handler and in a child of vfork: the memory is the caller's, nothing of the program's is
 *           written.
 */
#pragma once
#include <stddef.h>
#include "base/program_look.h"
#include "runtime/exec/kept_environment.h"

/* Bytes of stack that a new environment may take; a bigger one is left alone. */
enum { CHILD_ENVIRONMENT_ROOM_MAX = 32 << 10 };

struct child_environment {
	const struct kept_environment *kept;
	char *const *given;
	size_t count;
	size_t last_preload; /* index of the entry that the loader takes; count: there is none */
	bool removes;
};

/* What is to be done. The bytes that child_environment_make needs, 0 when the environment is right as it is. given:
 * NULL is an empty one. */
size_t child_environment_plan(struct child_environment *out_plan, const struct kept_environment *kept,
			      char *const *given, enum program_preload preload);

/* The new environment, in `room`; its entries are partly the given ones. */
char **child_environment_make(const struct child_environment *plan, void *room);

/* The value of a variable, NULL when there is none. */
char *environment_value(char *const *environment, const char *name);

/* Cuts the library out of a list of libraries, where it stands. */
void preload_list_cut(char *list, const struct kept_environment *kept);
