/* SPDX-License-Identifier: Apache-2.0 */
/* trace_size — where the bytes of a trace go, before compression.
 *
 * usage: trace_size FILE
 *
 * Prints events and bytes an event, slice headers included, of the threads and of the facts that the agent
 * adds, and of each type.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "block/block_stream.h"
#include "block/file_head.h"
#include "record/event.h"

struct share {
	uint64_t events, bytes;
};
static struct share threads, facts, by_type[EVENT_NUMBER_LIMIT];

static void fail(const char *what)
{
	fprintf(stderr, "trace_size: %s\n", what);
	exit(1);
}

static const uint8_t *get(const uint8_t *at, const uint8_t *end, uint64_t *out_value)
{
	at = wire_get_uint(at, end, out_value);
	if (!at)
		fail("a slice is malformed");
	return at;
}

/* Counts one slice; where the next begins. */
static const uint8_t *count_slice(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *begin = at;
	struct event_registers registers;
	uint64_t thread, size;
	at = get(at, end, &thread);
	at = get(at, end, &registers.time);
	at = get(at, end, &registers.address);
	at = get(at, end, &size);
	if (size > (uint64_t)(end - at))
		fail("a slice is cut");

	const uint8_t *slice_end = at + size, *before = at;
	struct share *share = thread ? &threads : &facts;
	struct event event;
	while (event_decode(&event_schema_own, &registers, &at, slice_end, &event) == 1) {
		by_type[event.type->number].events++;
		by_type[event.type->number].bytes += (uint64_t)(at - before);
		before = at;
		share->events++;
	}
	if (at != slice_end)
		fail("an event is not of this version");
	share->bytes += (uint64_t)(at - begin);
	return at;
}

static void print(const char *name, const struct share *share)
{
	if (share->events)
		printf("%-20s %10llu events %8.2f bytes an event\n", name, (unsigned long long)share->events,
		       (double)share->bytes / (double)share->events);
}

int main(int count, char **arguments)
{
	struct stat stat;
	int fd = count == 2 ? open(arguments[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &stat))
		fail("usage: trace_size FILE");
	struct block_stream stream;
	struct block_header header;
	const uint8_t *payload;
	block_stream_init(&stream, trace_source_file(&fd, (uint64_t)stat.st_size), FILE_HEAD_SIZE);
	while (block_stream_next(&stream, &header, &payload, NULL) == 1)
		if (header.kind == BLOCK_EVENTS)
			for (const uint8_t *at = payload, *end = payload + header.size; at < end;)
				at = count_slice(at, end);
	block_stream_fini(&stream);
	close(fd);

	print("threads", &threads);
	print("facts", &facts);
	for (int number = 0; number < EVENT_NUMBER_LIMIT; number++)
		if (event_schema_own.by_number[number])
			print(event_schema_own.by_number[number]->name, &by_type[number]);
	return 0;
}
