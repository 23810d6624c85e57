/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/hooks/switches.h"
#include <stddef.h>
#include <string.h>

bool hooks_off[HOOK_COUNT];

static const char *const hook_names[HOOK_COUNT] = {
#define REAL(name, ...) #name,
#define TIMED           REAL
#define DESCRIPTOR      REAL
#define POLL            REAL
#define EPOLL           REAL
#define WRITTEN         REAL
#define COLLECTED       REAL
#include "runtime/hooks/table.h"
#undef REAL
};

static bool is_named(const char *hook, const char *pattern, size_t size)
{
	if (size && pattern[size - 1] == '*')
		return strncmp(hook, pattern, size - 1) == 0;
	return strlen(hook) == size && memcmp(hook, pattern, size) == 0;
}

bool hooks_switch_off(const char *names)
{
	bool is_any_off = false;
	while (names && *names) {
		size_t size = strcspn(names, ",");
		for (int i = 0; i < HOOK_COUNT; i++)
			is_any_off |= hooks_off[i] |= is_named(hook_names[i], names, size);
		names += size + (names[size] == ',');
	}
	return is_any_off;
}
