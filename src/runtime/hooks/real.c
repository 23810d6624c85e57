/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/hooks/real.h"
#include <dlfcn.h>

#define REAL(name, result, parameters, arguments, ...)                                                       \
	static result find_##name parameters                                                                 \
	{                                                                                                    \
		real_##name = (result(*) parameters)dlsym(RTLD_NEXT, #name);                                 \
		return real_##name arguments;                                                                \
	}                                                                                                    \
	result(*real_##name) parameters = find_##name;
#define TIMED      REAL
#define DESCRIPTOR REAL
#define POLL       REAL
#define WRITTEN    REAL
#include "runtime/hooks/table.h"
#undef REAL

void hooks_resolve(void)
{
#define REAL(name, result, parameters, ...)                                                                  \
	{                                                                                                    \
		void *found = dlsym(RTLD_NEXT, #name);                                                       \
		if (found)                                                                                   \
			real_##name = (result(*) parameters)found;                                           \
	}
#define TIMED      REAL
#define DESCRIPTOR REAL
#define POLL       REAL
#define WRITTEN    REAL
#include "runtime/hooks/table.h"
#undef REAL
}
