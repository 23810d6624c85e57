/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/spans.h"
#include "base/memory.h"
#include <stdlib.h>

void span_kinds_fini(struct span_kinds *spans)
{
	for (size_t i = 0; i < spans->count; i++)
		free(spans->kinds[i].durations);
	free(spans->kinds);
	free(spans->linked);
	key_map_fini(&spans->numbers);
	*spans = (struct span_kinds){0};
}

struct span_kind *span_kinds_find(struct span_kinds *spans, enum span_class class, uint32_t process,
				  uint64_t text, const char *name)
{
	uint32_t *number = key_map_intern(&spans->numbers, (struct map_key){{class, process, text}});
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)spans->count;
		MEMORY_GROW(spans->kinds, spans->count, spans->capacity);
		spans->kinds[spans->count++] =
			(struct span_kind){.class = class, .process = process, .name = name};
	}
	return &spans->kinds[*number];
}

void span_kinds_add(struct span_kinds *spans, struct span_kind *kind, uint64_t ns)
{
	kind->count++;
	kind->total_ns += ns;
	if (ns > kind->max_ns)
		kind->max_ns = ns;
	if (spans->durations == SPANS_MAX)
		return;
	spans->durations++;
	MEMORY_GROW(kind->durations, kind->duration_count, kind->duration_capacity);
	kind->durations[kind->duration_count++] = ns;
}

void span_kinds_link(struct span_kinds *spans, struct linked_span span)
{
	if (spans->linked_count == LINKED_SPANS_MAX)
		return;
	MEMORY_GROW(spans->linked, spans->linked_count, spans->linked_capacity);
	spans->linked[spans->linked_count++] = span;
}

static int ascending(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
	return (one > two) - (one < two);
}

void span_kinds_settle(struct span_kinds *spans)
{
	for (size_t i = 0; i < spans->count; i++)
		if (spans->kinds[i].duration_count)
			qsort(spans->kinds[i].durations, spans->kinds[i].duration_count, sizeof(uint64_t),
			      ascending);
}

uint64_t span_kind_percentile(const struct span_kind *kind, unsigned percent)
{
	size_t rank = (kind->duration_count * percent + 99) / 100;
	return rank ? kind->durations[rank - 1] : 0;
}
