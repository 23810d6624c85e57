/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h — how much of a Go trace is taken in: schema/settings.toml has the settings, with their defaults.
 *
 * The limits of the format itself (batch, string, stack) stand in event_types.h.
 */
#pragma once
#include <stdint.h>

struct go_limits {
	uint64_t generation_bytes; /* stored bytes of one generation */
	uint64_t table_entries;    /* strings, and as many stacks and samples, of one generation */
	uint64_t threads;          /* Ms and Ps */
	uint64_t goroutines;       /* at one moment */
	uint64_t tasks;            /* open at one moment */
	uint64_t nesting;          /* regions inside one another */
	uint64_t names;            /* distinct texts that are kept over the whole trace */
};
