/* SPDX-License-Identifier: Apache-2.0 */
/* scribbler AGENT SEED [COUNT]: an enemy on the agent's side of the shared memory. Writes random bytes into every arena that
 * the process AGENT has open, again and again until it is killed (or COUNT times), and prints how many when it is.
 *
 * Half of the bytes go where the sides talk to each other: the header, the thread slots, the heads of chunks; what is written
 * is now a small number, as an index would be, now any byte. */
#include "must.h"
#include "record/arena.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ARENAS_MOST = 64, BYTES_A_TURN = 50, TURN_NS = 200000 };

static volatile sig_atomic_t is_over;
static struct arena arenas[ARENAS_MOST];
static ino_t inodes[ARENAS_MOST];
static int arena_count;

static void stop(int number)
{
	(void)number;
	is_over = 1;
}

/* Maps what is new among the agent's memory files. */
static void find_arenas(const char *agent)
{
	char path[PATH_MAX], target[64];
	snprintf(path, sizeof path, "/proc/%.16s/fd", agent);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder)) && arena_count < ARENAS_MOST;) {
		snprintf(path, sizeof path, "/proc/%.16s/fd/%.16s", agent, entry->d_name);
		ssize_t size = readlink(path, target, sizeof target);
		if (size < 0 || strncmp(target, "/memfd:tickbird", sizeof "/memfd:tickbird" - 1) != 0)
			continue;
		int fd = open(path, O_RDWR | O_CLOEXEC), is_known = 0;
		struct stat stat;
		if (fd < 0 || fstat(fd, &stat))
			continue;
		for (int i = 0; i < arena_count; i++)
			is_known |= inodes[i] == stat.st_ino;
		void *memory = is_known ? MAP_FAILED
					: mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
					       fd, 0);
		close(fd);
		if (memory == MAP_FAILED || arena_lay_out(&arenas[arena_count], memory, (size_t)stat.st_size))
			continue;
		inodes[arena_count++] = stat.st_ino;
	}
	closedir(folder);
}

/* A byte of the header. The one word that ends the recording is left alone, or there would be nothing left to see. */
static uint8_t *place_in_header(struct arena_header *header)
{
	size_t offset = (size_t)random() % sizeof *header;
	size_t from_recording = offset - offsetof(struct arena_header, is_recording);
	return (uint8_t *)header + (from_recording < sizeof header->is_recording ? 0 : offset);
}

/* A place in the arena: of what is used, the more often the more it matters. */
static uint8_t *place(const struct arena *arena)
{
	uint32_t used = arena->header->chunks_used;
	used = used && used < arena->chunk_count ? used : 1;
	switch (random() % 8) {
	case 0:
		return place_in_header(arena->header);
	case 1:
		return (uint8_t *)arena->threads + random() % (64 * (long)sizeof *arena->threads);
	case 2:
	case 3:
		return arena->chunks + random() % used * CHUNK_SIZE + random() % (long)sizeof(struct chunk);
	case 4:
		return (uint8_t *)arena->nodes + random() % (512 * (long)sizeof *arena->nodes);
	case 5:
		return (uint8_t *)arena->buckets + random() % (ARENA_BUCKETS * 4);
	default:
		return arena->chunks + random() % ((long)used * CHUNK_SIZE);
	}
}

int main(int argument_count, char **arguments)
{
	if (argument_count < 3) {
		fprintf(stderr, "usage: scribbler AGENT SEED [COUNT]\n");
		return 2;
	}
	srandom((unsigned)atol(arguments[2]));
	long most = argument_count > 3 ? atol(arguments[3]) : LONG_MAX, count = 0;
	signal(SIGTERM, stop);
	while (!is_over && count < most) {
		find_arenas(arguments[1]);
		for (int i = 0; i < BYTES_A_TURN && arena_count && count < most; i++, count++)
			*place(&arenas[random() % arena_count]) =
				(uint8_t)(random() % 2 ? random() : random() % 4);
		nanosleep(&(struct timespec){.tv_nsec = TURN_NS}, NULL);
	}
	printf("%ld bytes in %d arenas\n", count, arena_count);
}
