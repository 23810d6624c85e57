/* SPDX-License-Identifier: Apache-2.0 */
/* go_events — how fast the events of a Go trace come out, in order and with the state of every goroutine.
 *
 * usage: go_events TRACE
 *
 * The reader and nothing behind it: what the bare ReadEvent loop of golang.org/x/exp/trace is compared with.
 */
#include "trace/read/go/reader.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Far above what a benchmark's trace has. */
static const struct go_limits limits = {.generation_bytes = 1 << 30,
					.table_entries = 1 << 24,
					.threads = 1 << 16,
					.goroutines = 1 << 24,
					.tasks = 1 << 24,
					.nesting = 1000,
					.names = 1 << 24};

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const struct error *error)
{
	fprintf(stderr, "go_events: %s\n", error->text);
	exit(1);
}

int main(int argument_count, char **arguments)
{
	if (argument_count != 2) {
		fprintf(stderr, "usage: %s TRACE\n", arguments[0]);
		return 2;
	}
	struct error error;
	int fd = open(arguments[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(arguments[1]);
		return 1;
	}
	double start_s = now_s();
	struct byte_stream *stream =
		byte_stream_open(byte_source_descriptor(&fd), (struct byte_span){0}, &error);
	struct go_reader *reader = stream ? go_reader_open(stream, &limits, 1, &error) : NULL;
	if (!reader)
		fail(&error);
	const struct go_event *event;
	uint64_t events = 0;
	int result;
	while ((result = go_reader_next(reader, &event, &error)) > 0)
		events++;
	if (result < 0)
		fail(&error);
	printf("%" PRIu64 " events in %.6f s\n", events, now_s() - start_s);
	go_reader_close(reader);
	byte_stream_close(stream);
	return 0;
}
