/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/descriptor.h"
#include <errno.h>
#include <sys/sysmacros.h>
#include "runtime/core/record.h"
#include "runtime/core/syscall.h"

/* What descriptor_name calls kinds; epoll, eventfd and timerfd are told apart by the agent. */
enum descriptor_kind {
	KIND_FILE = 1,
	KIND_DIRECTORY,
	KIND_SOCKET,
	KIND_PIPE,
	KIND_CHARACTER,
	KIND_BLOCK,
	KIND_OTHER = 10
};

uint8_t descriptor_hints[HINTED_DESCRIPTORS];

/* Which open file a descriptor stood for when its name was last told to the agent. */
enum { TOLD_DESCRIPTORS = 1024 };
static struct {
	uint32_t epoch_and_fd;
	uint64_t inode;
} told[TOLD_DESCRIPTORS];

static uint32_t told_key(const struct thread *thread, int fd)
{
	return thread->epoch << 16 ^ (uint32_t)fd;
}

static bool is_hinted(int fd)
{
	return (unsigned)fd < HINTED_DESCRIPTORS;
}

static enum descriptor_kind kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return KIND_FILE;
	case S_IFDIR:
		return KIND_DIRECTORY;
	case S_IFSOCK:
		return KIND_SOCKET;
	case S_IFIFO:
		return KIND_PIPE;
	case S_IFCHR:
		return KIND_CHARACTER;
	case S_IFBLK:
		return KIND_BLOCK;
	default:
		return KIND_OTHER;
	}
}

static enum event_number event_of(enum descriptor_kind kind)
{
	switch (kind) {
	case KIND_FILE:
	case KIND_DIRECTORY:
	case KIND_BLOCK:
		return EVENT_DISK_WAIT;
	case KIND_SOCKET:
		return EVENT_NETWORK_WAIT;
	case KIND_PIPE:
		return EVENT_PIPE_WAIT;
	case KIND_CHARACTER:
	case KIND_OTHER:
		return EVENT_OTHER_WAIT;
	}
	return EVENT_OTHER_WAIT;
}

void descriptor_did_not_block(const struct thread *thread, int fd)
{
	if (!is_hinted(fd) || thread->is_blind) /* a blind thread would not see that the hint is wrong */
		return;
	uint8_t hint = (uint8_t)(descriptor_hints[fd] + 1);
	if (hint == HINT_QUICK) {
		struct stat stat;
		bool is_stream =
			syscall_fstat(fd, &stat) == 0 && (S_ISSOCK(stat.st_mode) || S_ISFIFO(stat.st_mode));
		hint = is_stream ? HINT_QUICK : HINT_FILE;
	}
	descriptor_hints[fd] = hint;
}

/* Tells the agent what a descriptor stands for, once for each open file that it is found to be. */
static void tell(struct thread *thread, int fd, enum descriptor_kind kind, uint64_t inode)
{
	uint32_t key = told_key(thread, fd);
	unsigned slot = (unsigned)fd % TOLD_DESCRIPTORS;
	if (told[slot].epoch_and_fd == key && told[slot].inode == inode)
		return;
	struct sockaddr_storage peer;
	socklen_t peer_size = sizeof peer;
	if (kind != KIND_SOCKET || syscall_3(SYS_getpeername, fd, (long)&peer, (long)&peer_size) != 0)
		peer_size = 0;
	if (peer_size > sizeof peer)
		peer_size = sizeof peer;

	struct event_cursor *cursor =
		record_begin(thread, EVENT_DESCRIPTOR_SEEN_MAX + peer_size, thread->clock);
	if (!cursor)
		return;
	event_put_descriptor_seen(cursor, thread_ticks(thread), fd, kind, inode, &peer, peer_size);
	record_end(thread);
	told[slot].epoch_and_fd = key;
	told[slot].inode = inode;
}

void descriptor_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			 const void *frame)
{
	if (!thread_is_awake(thread))
		return;
	int host_errno = errno;
	struct stat stat;
	enum descriptor_kind kind = KIND_OTHER;
	if (fd >= 0 && syscall_fstat(fd, &stat) == 0) {
		kind = kind_of(stat.st_mode);
		tell(thread, fd, kind, stat.st_ino);
	}
	struct wait_object object = {event ? event : event_of(kind), (uint64_t)(int64_t)fd, 0};
	bool was_blocked = start ? wait_end_or_preempted(thread, start, object, frame)
				 : wait_end_untimed(thread, object, frame);
	if (was_blocked && is_hinted(fd))
		descriptor_hints[fd] = 0;
	errno = host_errno;
}

void descriptor_introduce(struct thread *thread, int fd)
{
	struct stat stat;
	if (fd < 0 || !thread_is_awake(thread) ||
	    told[(unsigned)fd % TOLD_DESCRIPTORS].epoch_and_fd == told_key(thread, fd))
		return;
	if (syscall_fstat(fd, &stat) == 0)
		tell(thread, fd, kind_of(stat.st_mode), stat.st_ino);
}
