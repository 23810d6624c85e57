/* SPDX-License-Identifier: Apache-2.0 */
#include "block/trace_writer.h"
#include <errno.h>
#include <unistd.h>

static int write_file(void *context, const void *bytes, size_t size)
{
	const int *fd = context;
	for (size_t done = 0; done < size;) {
		ssize_t count = write(*fd, (const char *)bytes + done, size - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return errno;
		done += (size_t)count;
	}
	return 0;
}

struct trace_sink trace_sink_file(const int *fd)
{
	return (struct trace_sink){write_file, (void *)fd};
}
