/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/exit_code.h"

static void *or_end(void *memory)
{
	if (memory)
		return memory;
	fputs("tickbird: out of memory\n", stderr);
	exit(EXIT_CODE_INTERNAL);
}

void *memory_allocate(size_t size)
{
	return or_end(calloc(1, size ? size : 1));
}

void *memory_resize(void *old, size_t count, size_t item_size)
{
	return or_end(reallocarray(old, count ? count : 1, item_size));
}

char *memory_copy_text(const char *text, size_t size)
{
	char *copy = memory_allocate(size + 1);
	memcpy(copy, text, size);
	return copy;
}
