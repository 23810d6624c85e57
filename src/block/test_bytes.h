/* SPDX-License-Identifier: Apache-2.0 */
/* test_bytes.h — for tests: a sink that keeps in memory what is written to it. */
#pragma once
#include "base/memory.h"
#include "block/trace_writer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct test_bytes {
	uint8_t *bytes;
	size_t size;
	size_t room; /* full at this size; 0: never */
};

static inline int test_bytes_write(void *context, const void *bytes, size_t size)
{
	struct test_bytes *all = context;
	if (all->room && all->size + size > all->room)
		return ENOSPC;
	all->bytes = memory_resize(all->bytes, all->size + size, 1);
	memcpy(all->bytes + all->size, bytes, size);
	all->size += size;
	return 0;
}

static inline struct trace_sink test_bytes_sink(struct test_bytes *all)
{
	return (struct trace_sink){test_bytes_write, all};
}
