/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h — allocation for programs and libraries on the host's outside (never for the guest).
 *
 * Promise: these return memory or end the program with one line on stderr: a tool that cannot get a few kilobytes has
 *          nothing better to do. Sizes that come from outside are checked against a named limit before they get here.
 */
#pragma once
#include <stddef.h>

void *memory_allocate(size_t size);                             /* zeroed */
void *memory_resize(void *old, size_t count, size_t item_size); /* like reallocarray; new bytes undefined */
char *memory_copy_text(const char *text, size_t size);          /* with a terminating zero */

/* Makes room for one more item in `items` (any pointer), `count` used of `capacity`. */
#define MEMORY_GROW(items, count, capacity)                                                                  \
	do {                                                                                                 \
		if ((count) == (capacity)) {                                                                 \
			(capacity) = (capacity) ? 2 * (capacity) : 16;                                       \
			(items) = memory_resize((items), (capacity), sizeof *(items));                       \
		}                                                                                            \
	} while (0)
