/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec/kept_environment.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include "record/environment.h"
#include "runtime/exec/child_environment.h"

struct kept_environment guest_kept_environment;

/* Those that a child must have too. */
static const char *const names[] = {ENVIRONMENT_SOCKET, ENVIRONMENT_DISABLE_HOOKS};
_Static_assert(sizeof names / sizeof *names <= KEPT_VARIABLES_MAX, "room for each");

static bool is_set(const char *name)
{
	const char *value = getenv(name);
	return value && *value;
}

static void keep(const char *name)
{
	const char *value = getenv(name);
	size_t name_size = strlen(name), value_size = value ? strlen(value) : 0;
	if (!value || name_size + 1 + value_size + 1 > KEPT_VARIABLE_SIZE)
		return;
	char *kept = guest_kept_environment.variables[guest_kept_environment.variable_count++];
	memcpy(kept, name, name_size);
	kept[name_size] = '=';
	memcpy(kept + name_size + 1, value, value_size + 1);
}

void kept_environment_init(void)
{
	Dl_info own;
	if (!is_set(ENVIRONMENT_SOCKET) || is_set(ENVIRONMENT_DISABLE) ||
	    !dladdr(&guest_kept_environment, &own) || own.dli_fname[0] != '/')
		return;
	guest_kept_environment.library = own.dli_fname;
	guest_kept_environment.library_size = strlen(own.dli_fname);
	guest_kept_environment.loaded_preload = getenv(PRELOAD_VARIABLE);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		keep(names[i]);
	guest_kept_environment.is_kept = true;
}
