/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_source.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static int64_t read_file(void *context, uint64_t offset, void *buffer, size_t size)
{
	const int *fd = context;
	size_t done = 0;
	while (done < size) {
		ssize_t count = pread(*fd, (char *)buffer + done, size - done, (off_t)(offset + done));
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		if (!count)
			break;
		done += (size_t)count;
	}
	return (int64_t)done;
}

struct trace_source trace_source_file(const int *fd, uint64_t size)
{
	return (struct trace_source){read_file, (void *)fd, size};
}

static int64_t read_bytes(void *context, uint64_t offset, void *buffer, size_t size)
{
	const struct trace_bytes *bytes = context;
	if (offset >= bytes->size)
		return 0;
	if (size > bytes->size - offset)
		size = bytes->size - offset;
	memcpy(buffer, (const char *)bytes->bytes + offset, size);
	return (int64_t)size;
}

struct trace_source trace_source_bytes(const struct trace_bytes *bytes)
{
	return (struct trace_source){read_bytes, (void *)bytes, bytes->size};
}
