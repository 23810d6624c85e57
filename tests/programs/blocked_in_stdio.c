/* SPDX-License-Identifier: Apache-2.0 */
/* fgets on a pipe that is silent for a while: libc reads by its own internal name, so no hooked call is
 * made. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <unistd.h>

enum { ROUNDS = 3, SILENT_MS = 100 };

static struct gate ready;
static int channel[2];

static void *writer(void *unused)
{
	for (int round = 0; round < ROUNDS; round++) {
		gate_await(&ready);
		pause_ms(SILENT_MS);
		MUST(write(channel[1], "word\n", 5));
	}
	return unused;
}

SCENE static void read_a_line(FILE *stream)
{
	char line[80];
	gate_tell(&ready);
	if (!LOGGED("unseen", 0, fgets(line, sizeof line, stream)))
		exit(99);
	fputs(line, stdout);
}

int main(void)
{
	gate_init(&ready);
	MUST(pipe(channel));
	FILE *stream = fdopen(channel[0], "r");
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, writer, NULL));
	for (int round = 0; round < ROUNDS; round++)
		read_a_line(stream);
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
}
