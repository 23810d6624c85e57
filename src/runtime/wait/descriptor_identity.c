/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/descriptor_identity.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include "runtime/core/record.h"
#include "runtime/core/syscall.h"

enum {
	TOLD_DESCRIPTORS = 1024,
	TOLD_SLOT_BITS = 10,
	DESCRIPTOR_PATH_MAX = 256, /* bytes; longer paths are cut */
};
_Static_assert(TOLD_DESCRIPTORS == 1 << TOLD_SLOT_BITS, "told_number below");

/* Which open file a descriptor stood for when its name was last told to the agent; 0 for none. Descriptors share a slot,
 * and threads too, so one word says all: who above (told_number), which file below (told_file). */
static _Atomic uint64_t told[TOLD_DESCRIPTORS];

static _Atomic uint64_t *told_slot(int fd)
{
	return &told[(unsigned)fd % TOLD_DESCRIPTORS];
}

/* The descriptor, of which the slot says the lower bits, and the process: exact for 2048 generations of children. */
static uint32_t told_number(const struct thread *thread, int fd)
{
	return thread->epoch << (31 - TOLD_SLOT_BITS) | (uint32_t)fd >> TOLD_SLOT_BITS;
}

/* Inodes are counted by each file system for itself, and all anonymous ones share one. Never 0. The multiplier is 2^64
 * by the golden ratio (Knuth, The Art of Computer Programming, volume 3, 6.4). */
static uint32_t told_file(const struct stat *stat, enum descriptor_kind kind)
{
	static const uint64_t multiplier = 0x9e3779b97f4a7c15;
	uint64_t hash = (stat->st_ino ^ (uint64_t)kind << 56) * multiplier;
	hash = (hash ^ hash >> 32 ^ stat->st_dev) * multiplier;
	return (uint32_t)(hash >> 32) | 1;
}

static bool is_told(const struct thread *thread, int fd)
{
	uint64_t word = atomic_load_explicit(told_slot(fd), memory_order_relaxed);
	return word && word >> 32 == told_number(thread, fd);
}

static enum descriptor_kind kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return DESCRIPTOR_FILE;
	case S_IFDIR:
		return DESCRIPTOR_DIRECTORY;
	case S_IFSOCK:
		return DESCRIPTOR_SOCKET;
	case S_IFIFO:
		return DESCRIPTOR_PIPE;
	case S_IFCHR:
		return DESCRIPTOR_CHARACTER_DEVICE;
	case S_IFBLK:
		return DESCRIPTOR_BLOCK_DEVICE;
	default:
		return DESCRIPTOR_OTHER;
	}
}

static enum event_number event_of(enum descriptor_kind kind)
{
	switch (kind) {
	case DESCRIPTOR_FILE:
	case DESCRIPTOR_DIRECTORY:
	case DESCRIPTOR_BLOCK_DEVICE:
		return EVENT_DISK_WAIT;
	case DESCRIPTOR_SOCKET:
		return EVENT_NETWORK_WAIT;
	case DESCRIPTOR_PIPE:
		return EVENT_PIPE_WAIT;
	case DESCRIPTOR_UNKNOWN:
	case DESCRIPTOR_CHARACTER_DEVICE:
	case DESCRIPTOR_EPOLL:
	case DESCRIPTOR_EVENTFD:
	case DESCRIPTOR_TIMERFD:
	case DESCRIPTOR_OTHER:
		return EVENT_OTHER_WAIT;
	}
	return EVENT_OTHER_WAIT;
}

/* Where the descriptor's link in /proc points: the bytes written to `out_path`. Opens nothing. */
static size_t read_path(int fd, char *out_path)
{
	static const char folder[] = "/proc/self/fd/";
	char link[sizeof folder + 10], digits[10];
	size_t size = sizeof folder - 1, count = 0;
	memcpy(link, folder, size);
	for (unsigned rest = (unsigned)fd; rest || !count; rest /= 10)
		digits[count++] = (char)('0' + rest % 10);
	while (count)
		link[size++] = digits[--count];
	link[size] = 0;
	long got = syscall_3(SYS_readlink, (long)link, (long)out_path, DESCRIPTOR_PATH_MAX);
	return got > 0 ? (size_t)got : 0;
}

/* Tells the agent what a descriptor stands for, once for each open file that it is found to be. */
static void tell(struct thread *thread, int fd, enum descriptor_kind kind, const struct stat *stat,
		 uint64_t since)
{
	uint64_t word = (uint64_t)told_number(thread, fd) << 32 | told_file(stat, kind);
	if (atomic_load_explicit(told_slot(fd), memory_order_relaxed) == word)
		return;
	struct sockaddr_storage peer;
	socklen_t peer_size = sizeof peer;
	if (kind != DESCRIPTOR_SOCKET || syscall_3(SYS_getpeername, fd, (long)&peer, (long)&peer_size) != 0)
		peer_size = 0;
	if (peer_size > sizeof peer)
		peer_size = sizeof peer;

	char path[DESCRIPTOR_PATH_MAX];
	size_t path_size = kind == DESCRIPTOR_SOCKET ? 0 : read_path(fd, path);

	size_t most = EVENT_DESCRIPTOR_SEEN_MAX + peer_size + path_size;
	struct event_cursor *cursor = record_begin(thread, most, thread->clock);
	if (!cursor)
		return;
	event_put_descriptor_seen(cursor, since, fd, kind, stat->st_ino, &peer, peer_size, path, path_size);
	record_end(thread);
	atomic_store_explicit(told_slot(fd), word, memory_order_relaxed);
}

enum event_number descriptor_identify(struct thread *thread, int fd, enum event_number event, bool is_epoll,
				      uint64_t since)
{
	struct stat stat;
	if (event == EVENT_POLL_WAIT && (fd < 0 || is_told(thread, fd)))
		return event;
	if (syscall_fstat(fd, &stat))
		return event ? event : EVENT_OTHER_WAIT;
	enum descriptor_kind kind = is_epoll ? DESCRIPTOR_EPOLL : kind_of(stat.st_mode);
	tell(thread, fd, kind, &stat, since);
	return event ? event : event_of(kind);
}
