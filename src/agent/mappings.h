/* SPDX-License-Identifier: Apache-2.0 */
/* mappings.h — which files a process has code of, and where. */
#pragma once
#include "agent/recorded.h"

/* Takes over the mappings that `text` (of /proc/PID/maps) has now: tells the trace what came and what went. Only
 * executable ones count. */
void mappings_update(struct recorded *recorded, struct journal *journal, const char *text);

/* Copies those of a process that was forked. */
void mappings_inherit(struct recorded *recorded, struct journal *journal, const struct recorded *parent);

/* The mapping that holds the address, NULL when none does. */
const struct code_mapping *mappings_find(const struct recorded *recorded, uint64_t address);

void mappings_destroy(struct recorded *recorded);
