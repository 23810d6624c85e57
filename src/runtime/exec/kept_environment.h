/* SPDX-License-Identifier: Apache-2.0 */
/* kept_environment.h — what the guest was told by its environment, kept for the children: programs empty theirs.
 *
 * Threads:  written once, at load; read by any thread, any signal handler and any child.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { KEPT_VARIABLES_MAX = 4, KEPT_VARIABLE_SIZE = 512 };

struct kept_environment {
	bool is_kept; /* false: the process is not to be recorded, and neither are its children by our doing */
	const char *library; /* absolute path of our own */
	size_t library_size;
	char *loaded_preload; /* the value of LD_PRELOAD that the kernel gave to the program, NULL none */
	unsigned variable_count;
	char variables[KEPT_VARIABLES_MAX][KEPT_VARIABLE_SIZE]; /* NAME=value of each of ours */
};

extern struct kept_environment guest_kept_environment __attribute__((visibility("hidden")));

/* Once, at load. Keeps nothing when the process is disabled or nobody records it. */
void kept_environment_init(void);
