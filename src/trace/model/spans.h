/* SPDX-License-Identifier: Apache-2.0 */
/* spans.h — what a program or its runtime says that it did from one moment to another, added up by kind and name.
 *
 * Words:    a task may begin in one lane and end in another, a region lies within one; a range is the runtime's own: a collection, a
 *           sweep, an assist, a stop of the world. One that only began is unfinished.
 * Memory:   8 bytes for each that ended, of at most SPANS_MAX; beyond, they are counted and totalled, and percentiles are of the first.
 */
#pragma once
#include "trace/model/key_map.h"

enum span_class { SPAN_TASK, SPAN_REGION, SPAN_RANGE };

enum { SPANS_MAX = 16 * 1024 * 1024 };

struct span_kind {
	enum span_class class;
	uint32_t process;
	const char *name; /* borrowed from the survey */
	uint64_t count, unfinished, total_ns, max_ns;
	uint64_t *durations; /* in ns; sorted once settled */
	size_t duration_count, duration_capacity;
};

/* A task that is a span of a distributed trace. */
struct linked_span {
	uint64_t span_id;
	uint64_t start_ns, end_ns;
	uint32_t kind; /* index */
	uint32_t lane; /* that ended it */
};

enum { LINKED_SPANS_MAX = 1024 * 1024 }; /* beyond, they are tasks like others */

struct span_kinds {
	struct linked_span *linked;
	size_t linked_count, linked_capacity;
	struct key_map numbers;
	struct span_kind *kinds;
	size_t count, capacity;
	size_t durations; /* of all kinds */
};

/* All zero is empty. */
void span_kinds_fini(struct span_kinds *spans);

/* text: what stands for the name, the same for the same name of a process. */
struct span_kind *span_kinds_find(struct span_kinds *spans, enum span_class class, uint32_t process,
				  uint64_t text, const char *name);

void span_kinds_add(struct span_kinds *spans, struct span_kind *kind, uint64_t ns);

/* Notes that a task which ended is that span. */
void span_kinds_link(struct span_kinds *spans, struct linked_span span);

/* Call once, before percentiles are asked for. */
void span_kinds_settle(struct span_kinds *spans);

/* Nearest rank; 0 when none ended. */
uint64_t span_kind_percentile(const struct span_kind *kind, unsigned percent);
