/* SPDX-License-Identifier: Apache-2.0 */
/* own_memory.h — how much memory the process has to itself: what it wrote to, without files and memory that it shares. */
#pragma once
#include "must.h"

/* In kB. */
static inline long own_memory_kb(void)
{
	char line[256];
	long size = -1;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (sscanf(line, "RssAnon: %ld kB", &size) == 1)
			break;
	if (status)
		fclose(status);
	return MUST(size);
}
