/* SPDX-License-Identifier: Apache-2.0 */
/* stress SECONDS SEED: threads, locks, pipes, signals, jumps, cancellations, children and libraries, all at once.
 * stress flood: FLOOD_SLEEPS sleeps in each of several threads, and nothing else.
 *
 * Prints a line for each process: what it counted. Exit code 0 when everything came out as it must; else it says what did
 * not and aborts. */
#include "stress.h"
#include "must.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct tally tally;

static struct timespec end;

int is_over(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec);
}

/* splitmix64, by Sebastiano Vigna (public domain): a step and a mix. */
uint64_t draw(struct actor *actor, uint64_t below)
{
	uint64_t mixed = actor->random += UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return (mixed ^ mixed >> 31) % below;
}

/* How often the calling thread has left the CPU. */
static long switches(void)
{
	struct rusage usage;
	MUST(getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

void sleep_for(uint64_t nanoseconds)
{
	struct timespec pause = {.tv_nsec = (long)(SLEEP_NS_LEAST + nanoseconds)};
	/* Counted as cut short until it has ended: a jump or a cancellation may leave it. */
	tally.interrupted++;
	long before = switches();
	/* On a virtual CPU that was held back the time may be over before the thread can leave it. */
	if (nanosleep(&pause, NULL) == 0 && switches() != before) {
		tally.interrupted--;
		tally.sleeps++;
	}
}

void start_thread(void *(*body)(void *), void *argument, int is_detached)
{
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, body, argument));
	tally.threads++;
	if (is_detached)
		MUST_ZERO(pthread_detach(thread));
	else
		MUST_ZERO(pthread_join(thread, NULL));
}

int is_recorded(int patience_ms)
{
	static char maps[1 << 18];
	if (!getenv("TICKBIRD_SOCKET"))
		return 0;
	for (int waited_ms = 0;; waited_ms++) {
		int fd = MUST(open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
		ssize_t size = 0, part;
		while ((part = read(fd, maps + size, sizeof maps - 1 - (size_t)size)) > 0)
			size += part;
		close(fd);
		maps[size] = 0;
		if (strstr(maps, "/memfd:tickbird"))
			return 1;
		if (waited_ms >= patience_ms)
			return 0;
		tally.interrupted++; /* it may be the first to be recorded */
		usleep(1000);
	}
}

void print_tally(void)
{
	char line[512];
	int size = snprintf(line, sizeof line,
			    "%d sleeps %lu interrupted %lu threads %lu locks %lu hand_overs %lu bytes %lu "
			    "signals %lu handled %lu jumps %lu cancels %lu children %lu loads %lu\n",
			    getpid(), tally.sleeps, tally.interrupted, tally.threads, tally.locks,
			    tally.hand_overs, tally.bytes, tally.signals, tally.handled, tally.jumps,
			    tally.cancels, tally.children, tally.loads);
	MUST(write(STDOUT_FILENO, line, (size_t)size)); /* at once: processes share the file */
}

static void *act(void *actor_)
{
	struct actor *actor = actor_;
	char name[16];
	snprintf(name, sizeof name, "%s", actor->name);
	MUST_ZERO(pthread_setname_np(pthread_self(), name));
	actor->play(actor);
	return NULL;
}

/* Several of a kind contend. */
static const struct actor all[] = {
	{play_locks, "locks", 0},       {play_locks, "locks", 0},         {play_locks, "locks", 0},
	{play_conditions, "give", 0},   {play_conditions, "take", 0},     {play_pipes, "ping", 0},
	{play_pipes, "pong", 0},        {play_threads, "threads", 0},     {play_threads, "threads", 0},
	{play_cancels, "cancels", 0},   {play_jumps, "jumps", 0},         {play_children, "children", 0},
	{play_children, "children", 0}, {play_libraries, "libraries", 0}, {play_libraries, "libraries", 0},
	{play_signals, "signals", 0},
};
static const struct actor flooder = {play_flood, "flood", 0};
enum { ACTORS = sizeof all / sizeof *all, FLOODERS = 24, THREADS_MOST = 32, PATIENCE_MS = 5000 };
_Static_assert((int)ACTORS <= (int)THREADS_MOST && (int)FLOODERS <= (int)THREADS_MOST, "room");

int main(int argument_count, char **arguments)
{
	if (argument_count == 2 && strcmp(arguments[1], "child") == 0)
		return child_main();
	bool is_flood = argument_count == 2 && strcmp(arguments[1], "flood") == 0;
	if (argument_count != 3 && !is_flood) {
		fprintf(stderr, "usage: stress SECONDS SEED | flood | child\n");
		return 2;
	}
	size_t count = is_flood ? FLOODERS : ACTORS;
	uint64_t seed = is_flood ? 0 : strtoul(arguments[2], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += is_flood ? 0 : atol(arguments[1]);
	signals_init();
	tally.threads = 1;
	is_recorded(PATIENCE_MS);

	struct actor actors[THREADS_MOST];
	pthread_t threads[THREADS_MOST];
	for (size_t i = 0; i < count; i++) {
		actors[i] = is_flood ? flooder : all[i];
		actors[i].random = seed * THREADS_MOST + i;
		MUST_ZERO(pthread_create(&threads[i], NULL, act, &actors[i]));
		tally.threads++;
	}
	for (size_t i = 0; i < count; i++)
		MUST_ZERO(pthread_join(threads[i], NULL));
	print_tally();
}
