/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/head.h"
#include "trace/read/go/event_types.h"
#include <string.h>

/* "go 1.NN trace" and zeros: NN; 0 when it is not that. */
static unsigned version_of(struct byte_span front)
{
	static const char start[] = "go 1.", end[] = " trace";
	if (front.size < GO_HEAD_SIZE || memcmp(front.bytes, start, sizeof start - 1))
		return 0;
	unsigned version = 0, at = sizeof start - 1;
	while (at < GO_HEAD_SIZE && front.bytes[at] >= '0' && front.bytes[at] <= '9' && version < 1000)
		version = 10 * version + (front.bytes[at++] - '0');
	if (at + sizeof end - 1 > GO_HEAD_SIZE || memcmp(front.bytes + at, end, sizeof end - 1))
		return 0;
	for (at += sizeof end - 1; at < GO_HEAD_SIZE; at++)
		if (front.bytes[at])
			return 0;
	return version;
}

int go_head_knows(struct byte_span front)
{
	return version_of(front) != 0;
}

int go_head_read(struct byte_stream *stream, unsigned *out_version, struct error *out_error)
{
	struct byte_span front;
	if (byte_stream_look(stream, GO_HEAD_SIZE, &front, out_error))
		return -1;
	unsigned version = version_of(front);
	switch (version) {
	case 22:
	case 23:
	case 25:
	case 26:
		byte_stream_take(stream, GO_HEAD_SIZE);
		*out_version = version;
		return 0;
	case 0:
		return error_set(out_error, "not a Go trace");
	default:
		return version < 22 ? error_set(out_error,
						"a trace of Go 1.21 or older, whose format is another one: "
						"record again with the program built by Go 1.22 or newer, or "
						"see this one with `go tool trace`")
				    : error_set(out_error,
						"a trace in the format of Go 1.%u; this version of tickbird "
						"reads those "
						"of Go 1.22 to 1.26",
						version);
	}
}
