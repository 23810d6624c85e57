/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/descriptor_identity.h"
#include <stdbool.h>
#include <string.h>
#include "runtime/core/record.h"
#include "runtime/core/syscall.h"

/* Which open file a descriptor stood for when its name was last told to the agent. */
enum {
	TOLD_DESCRIPTORS = 1024,
	DESCRIPTOR_PATH_MAX = 256, /* bytes; longer paths are cut */
};
static struct {
	uint32_t epoch_and_fd;
	uint64_t inode;
} told[TOLD_DESCRIPTORS];

static uint32_t told_key(const struct thread *thread, int fd)
{
	return thread->epoch << 16 ^ (uint32_t)fd;
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
static void tell(struct thread *thread, int fd, enum descriptor_kind kind, uint64_t inode, uint64_t since)
{
	uint32_t key = told_key(thread, fd);
	unsigned slot = (unsigned)fd % TOLD_DESCRIPTORS;
	if (told[slot].epoch_and_fd == key && told[slot].inode == inode)
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
	event_put_descriptor_seen(cursor, since, fd, kind, inode, &peer, peer_size, path, path_size);
	record_end(thread);
	told[slot].epoch_and_fd = key;
	told[slot].inode = inode;
}

enum event_number descriptor_identify(struct thread *thread, int fd, enum event_number event, bool is_epoll,
				      uint64_t since)
{
	struct stat stat;
	if (event == EVENT_POLL_WAIT &&
	    (fd < 0 || told[(unsigned)fd % TOLD_DESCRIPTORS].epoch_and_fd == told_key(thread, fd)))
		return event;
	if (syscall_fstat(fd, &stat))
		return event ? event : EVENT_OTHER_WAIT;
	enum descriptor_kind kind = is_epoll ? DESCRIPTOR_EPOLL : kind_of(stat.st_mode);
	tell(thread, fd, kind, stat.st_ino, since);
	return event ? event : event_of(kind);
}
