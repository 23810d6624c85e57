/* SPDX-License-Identifier: Apache-2.0 */
/* Works with locks, pipes, threads and children while one of its threads destroys, byte by byte, the memory that it
 * shares with whoever records it. Argument: seed of what is destroyed. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WORKERS = 3,
	ROUNDS = 120,
	PAGE = 4096,
	NEAR = 64 << 10,   /* bytes at the beginning that matter to everybody */
	SEARCH = 64 << 10, /* bytes that are looked through for one in use */
	AT_ONCE = 8,       /* bytes, between two naps */
	NAP_US = 10,
	/* The word that says whether it is recorded: without it there is no more to destroy. */
	RECORDING_START = 8,
	RECORDING_END = 12,
};

static uint8_t *shared; /* NULL when nobody records */
static size_t shared_size;
static atomic_int is_over;
static uint64_t random_state;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

/* Marsaglia's xorshift64. */
static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void find_shared(void)
{
	char line[512];
	unsigned long start, end;
	FILE *maps = MUST(fopen("/proc/self/maps", "r"));
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "memfd:tickbird") && sscanf(line, "%lx-%lx", &start, &end) == 2) {
			shared = (uint8_t *)start;
			shared_size = end - start;
		}
	fclose(maps);
}

/* A byte near the beginning, or the next one in use from anywhere on. */
static size_t choose(void)
{
	if (random_number() % 4 == 0)
		return random_number() % PAGE;
	if (random_number() % 2 == 0)
		return random_number() % NEAR;
	size_t at = random_number() % shared_size;
	for (size_t i = 0; i < SEARCH && at + 1 < shared_size && !shared[at]; i++)
		at++;
	return at;
}

static void *destroy(void *unused)
{
	struct timespec moment = {0, NAP_US * 1000};
	while (!is_over) {
		for (int i = 0; shared && i < AT_ONCE; i++) {
			size_t at = choose();
			if (at < RECORDING_START || at >= RECORDING_END)
				shared[at] = random_number() % 4 ? (uint8_t)random_number() : 0xff;
		}
		syscall(SYS_nanosleep, &moment, NULL);
	}
	return unused;
}

static void *visit(void *count)
{
	atomic_fetch_add((atomic_int *)count, 1);
	return count;
}

static void hold_the_lock(void)
{
	struct timespec moment = {0, 100000};
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST(nanosleep(&moment, NULL));
	MUST_ZERO(pthread_cond_broadcast(&condition));
	MUST_ZERO(pthread_mutex_unlock(&lock));
}

SCENE static int work_once(void)
{
	static atomic_int visits;
	pthread_t thread;
	void *result;
	int fds[2];
	char byte = 0;
	MUST_ZERO(pthread_create(&thread, NULL, visit, &visits));
	MUST(pipe(fds));
	MUST(write(fds[1], "x", 1));
	MUST(read(fds[0], &byte, 1));
	MUST(close(fds[0]));
	MUST(close(fds[1]));
	MUST_ZERO(pthread_join(thread, &result));
	return byte == 'x' && result == &visits;
}

static void *worker(void *unused)
{
	long worked = 0;
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		hold_the_lock();
		worked += work_once();
	}
	return (void *)worked;
}

int main(int argument_count, char **arguments)
{
	pthread_t vandal, workers[WORKERS];
	random_state = argument_count == 2 ? strtoull(arguments[1], NULL, 10) * 2 + 1 : 1;
	find_shared();
	MUST_ZERO(pthread_create(&vandal, NULL, destroy, NULL));
	for (int i = 0; i < WORKERS; i++)
		MUST_ZERO(pthread_create(&workers[i], NULL, worker, NULL));
	for (int i = 0; i < 3; i++) {
		fflush(stdout);
		pid_t pid = MUST(fork());
		if (pid == 0)
			_exit(work_once() ? 5 : 6);
		int status;
		MUST(waitpid(pid, &status, 0));
		printf("child %d\n", WEXITSTATUS(status));
	}
	for (int i = 0; i < WORKERS; i++) {
		void *worked;
		MUST_ZERO(pthread_join(workers[i], &worked));
		printf("worked %ld times\n", (long)worked);
	}
	is_over = 1;
	MUST_ZERO(pthread_join(vandal, NULL));
}
