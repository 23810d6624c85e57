/* SPDX-License-Identifier: Apache-2.0 */
/* partition.h — cuts ranges that nest or overlap into pieces that do not.
 *
 * A signal handler may wait inside a wait: its range ends first and lies within the other. Time belongs to the inner one.
 *
 *     ranges, in order of ends     inner   ███            pieces   ░░███░░░░░
 *                                  outer ░░░░░░░░░░
 *
 * Promise:  pieces are in order of time, do not overlap, and cover exactly what the ranges cover behind `after`.
 * Hostile:  a range is cut by at most NESTING_MAX pieces before it; older ones clip its start.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { NESTING_MAX = 64 };

struct piece {
	uint64_t start_ns, end_ns;
	uint32_t range; /* whose time it is: the caller's index */
};

struct partition {
	struct piece *pieces;
	size_t count, capacity;
};

/* All zero is empty. */
void partition_fini(struct partition *partition);

/* Adds a range; ranges come in order of their ends. Nothing before `after` is covered. */
void partition_add(struct partition *partition, uint64_t after_ns, uint64_t start_ns, uint64_t end_ns,
		   uint32_t range);
