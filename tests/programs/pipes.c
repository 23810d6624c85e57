/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes that are empty when read and full when written. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROUNDS = 5, AFTER_MS = 20, CAPACITY = 4096 };

static struct gate empty, full;
static int to_reader[2], from_writer[2];

SCENE static void read_the_empty_pipe(void)
{
	char byte;
	gate_tell(&empty);
	MUST(LOGGED("pipe", to_reader[0], read(to_reader[0], &byte, 1)));
}

SCENE static void readv_the_empty_pipe(void)
{
	char byte;
	struct iovec piece = {&byte, 1};
	gate_tell(&empty);
	MUST(LOGGED("pipe", to_reader[0], readv(to_reader[0], &piece, 1)));
}

SCENE static void write_the_full_pipe(const char *page)
{
	gate_tell(&full);
	MUST(LOGGED("pipe", from_writer[1], write(from_writer[1], page, CAPACITY)));
}

SCENE static void writev_the_full_pipe(const char *page)
{
	struct iovec piece = {(void *)page, CAPACITY};
	gate_tell(&full);
	MUST(LOGGED("pipe", from_writer[1], writev(from_writer[1], &piece, 1)));
}

static void *other_end(void *unused)
{
	char page[CAPACITY];
	for (int round = 0; round < 2 * ROUNDS; round++) {
		gate_await(&empty);
		pause_ms(AFTER_MS);
		MUST(write(to_reader[1], "", 1));
	}
	for (int round = 0; round < 2 * ROUNDS; round++) {
		gate_await(&full);
		pause_ms(AFTER_MS);
		MUST(read(from_writer[0], page, CAPACITY));
	}
	return unused;
}

int main(void)
{
	static const char page[CAPACITY];
	gate_init(&empty);
	gate_init(&full);
	MUST(pipe(to_reader));
	MUST(pipe(from_writer));
	MUST(fcntl(from_writer[1], F_SETPIPE_SZ, CAPACITY));
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, other_end, NULL));
	for (int round = 0; round < ROUNDS; round++) {
		read_the_empty_pipe();
		readv_the_empty_pipe();
	}
	MUST(write(from_writer[1], page, CAPACITY));
	for (int round = 0; round < ROUNDS; round++) {
		write_the_full_pipe(page);
		writev_the_full_pipe(page);
	}
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	printf("%d rounds\n", ROUNDS);
}
