/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/proc_file.h"
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"

enum { PATH_SIZE = 1100 };

char *proc_read(size_t *out_size, const char *format, ...)
{
	char path[PATH_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(path, sizeof path, format, arguments);
	va_end(arguments);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;

	size_t used = 0, room = 4096;
	char *text = memory_allocate(room);
	ssize_t got;
	while ((got = read(fd, text + used, room - used - 1)) > 0) {
		used += (size_t)got;
		if (used + 1 == room) {
			if (room >= PROC_TEXT_MAX)
				break;
			room *= 2;
			text = memory_resize(text, room, 1);
		}
	}
	close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[used] = 0;
	if (out_size)
		*out_size = used;
	return text;
}

uint64_t proc_number(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

uint32_t proc_parent(uint32_t pid)
{
	char *status = proc_read(NULL, "/proc/%u/status", pid);
	uint32_t parent = status ? (uint32_t)proc_number(status, "\nPPid:") : 0;
	free(status);
	return parent;
}

char *proc_link(const char *format, ...)
{
	char path[PATH_SIZE], target[PATH_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(path, sizeof path, format, arguments);
	va_end(arguments);
	ssize_t size = readlink(path, target, sizeof target);
	return size < 0 ? NULL : memory_copy_text(target, (size_t)size);
}
