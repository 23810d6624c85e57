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
#define EPOLL      REAL
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
#define EPOLL      REAL
#define WRITTEN    REAL
#include "runtime/hooks/table.h"
#undef REAL
}

bool hooks_are_libcs(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	if (!libc)
		return false;
	bool are_all = true;
#define DIRECT(name) are_all = are_all && (void *)real_##name == dlsym(libc, #name);
#define LIBC(name)
#define ROW(name, result, parameters, arguments, object, kind, how, call) how(name)
#define DESCRIPTOR                                                        ROW
#define POLL                                                              ROW
#define EPOLL                                                             ROW
#include "runtime/hooks/table.h"
	real_dlclose(libc);
	return are_all;
}
