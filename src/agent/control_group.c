/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/control_group.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

/* Whether `name` is one of the names between commas. */
static bool is_listed(const char *names, size_t size, const char *name)
{
	size_t name_size = strlen(name);
	for (const char *at = names, *end = names + size;;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		if ((size_t)(stop - at) == name_size && memcmp(at, name, name_size) == 0)
			return true;
		if (!comma)
			return false;
		at = comma + 1;
	}
}

char *control_group_path(const char *groups, const char *controller)
{
	for (const char *line = groups; *line;) { /* number:controller,controller:path */
		size_t size = strcspn(line, "\n");
		const char *names = memchr(line, ':', size);
		const char *path = names ? memchr(names + 1, ':', size - (size_t)(names + 1 - line)) : NULL;
		if (path && is_listed(names + 1, (size_t)(path - names - 1), controller))
			return memory_copy_text(path + 1, size - (size_t)(path + 1 - line));
		line += size + (line[size] == '\n');
	}
	return NULL;
}

/* The number behind a key at the beginning of a line; 0 when there is none. */
static uint64_t number_of(const char *text, const char *key)
{
	size_t size = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, size) == 0 && line[size] == ' ')
			return strtoull(line + size, NULL, 10);
	}
	return 0;
}

uint64_t control_group_throttled_ns(const char *stat)
{
	uint64_t version_1_ns = number_of(stat, "throttled_time");
	return version_1_ns ? version_1_ns : number_of(stat, "throttled_usec") * 1000;
}
