/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/partition.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void partition_fini(struct partition *partition)
{
	free(partition->pieces);
	*partition = (struct partition){0};
}

static void append(struct partition *partition, uint64_t start_ns, uint64_t end_ns, uint32_t range)
{
	if (end_ns <= start_ns)
		return;
	MEMORY_GROW(partition->pieces, partition->count, partition->capacity);
	partition->pieces[partition->count++] = (struct piece){start_ns, end_ns, range};
}

void partition_add(struct partition *partition, uint64_t after_ns, uint64_t start_ns, uint64_t end_ns,
		   uint32_t range)
{
	if (start_ns < after_ns)
		start_ns = after_ns;
	/* The pieces that lie inside, from the first that begins at or behind the start. */
	size_t inner = partition->count;
	while (inner > 0 && partition->pieces[inner - 1].start_ns >= start_ns &&
	       partition->count - inner < NESTING_MAX)
		inner--;
	if (inner > 0 && partition->pieces[inner - 1].end_ns > start_ns)
		start_ns = partition->pieces[inner - 1].end_ns;

	struct piece nested[NESTING_MAX];
	size_t nested_count = partition->count - inner;
	if (nested_count)
		memcpy(nested, partition->pieces + inner, nested_count * sizeof *nested);
	partition->count = inner;
	for (size_t i = 0; i < nested_count; i++) {
		append(partition, start_ns, nested[i].start_ns, range);
		append(partition, nested[i].start_ns, nested[i].end_ns, nested[i].range);
		start_ns = nested[i].end_ns;
	}
	append(partition, start_ns, end_ns, range);
}
