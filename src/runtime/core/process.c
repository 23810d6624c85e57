/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/process.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include "record/environment.h"
#include "record/hello.h"
#include "runtime/core/room.h"
#include "runtime/core/syscall.h"

struct quick_words quick_words __attribute__((aligned(QUICK_WORDS_SIZE)));

struct process guest_process;

static struct sockaddr_un agent_address; /* copied at start: programs empty their environment */
static socklen_t agent_address_size;
static uint32_t last_epoch = PROCESS_FIRST_EPOCH; /* inherited by children, so that theirs is another */
static uint64_t retry_at_ns;
static unsigned tries; /* hellos in a row that got no answer in time */

static void process_word_set(uint32_t word)
{
	atomic_store_explicit(&quick_words.process_word, word, memory_order_release);
}

/* Connects; the descriptor, or negative. */
static int agent_connect(void)
{
	int fd = (int)syscall_3(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	struct ucred agent = {0};
	socklen_t size = sizeof agent;
	if (syscall_3(SYS_connect, fd, (long)&agent_address, agent_address_size) == 0 &&
	    syscall_6(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&agent, (long)&size, 0) == 0 &&
	    (agent.uid == 0 || agent.uid == (uid_t)syscall_3(SYS_geteuid, 0, 0, 0))) {
		guest_process.agent_pid = (uint32_t)agent.pid;
		return fd;
	}
	syscall_close(fd);
	return -1;
}

/* Sends the hello and waits for the welcome; the arena's descriptor, -EAGAIN when the agent is slow, else negative. */
static int agent_ask(int connection, uint32_t forked_from)
{
	struct hello hello = {
		.magic = HELLO_MAGIC, .layout_version = ARENA_LAYOUT_VERSION, .forked_from = forked_from};
	struct rusage usage = {0};
	syscall_thread_usage(&usage);
	hello.voluntary = (uint64_t)usage.ru_nvcsw;
	hello.involuntary = (uint64_t)usage.ru_nivcsw;
	syscall_3(SYS_prctl, PR_GET_NAME, (long)hello.name, 0);
	if (syscall_6(SYS_sendto, connection, (long)&hello, sizeof hello, MSG_NOSIGNAL, 0, 0) != sizeof hello)
		return -1;
	struct pollfd answer = {.fd = connection, .events = POLLIN};
	struct timespec limit = {.tv_nsec = HELLO_WAIT_MS * 1000000L};
	if (syscall_6(SYS_ppoll, (long)&answer, 1, (long)&limit, 0, 0, 0) <= 0)
		return -EAGAIN;

	struct welcome welcome = {0};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {&welcome, sizeof welcome};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control};
	message.msg_controllen = CMSG_LEN(sizeof(int)); /* CMSG_SPACE has room for a second one */
	long size = syscall_3(SYS_recvmsg, connection, (long)&message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *sent = CMSG_FIRSTHDR(&message);
	int arena_fd = -1;
	if (size >= 0 && sent && sent->cmsg_level == SOL_SOCKET && sent->cmsg_type == SCM_RIGHTS &&
	    sent->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&arena_fd, CMSG_DATA(sent), sizeof arena_fd);
	if (size == sizeof welcome && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    welcome.magic == HELLO_MAGIC && welcome.layout_version == ARENA_LAYOUT_VERSION)
		return arena_fd;
	if (arena_fd >= 0)
		syscall_close(arena_fd);
	return -1;
}

/* Maps the arena when its size can never shrink under us, and the rooms; 0 or -1. */
static int arena_map(int fd)
{
	struct stat stat;
	long seals = syscall_3(SYS_fcntl, fd, F_GET_SEALS, 0);
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || syscall_fstat(fd, &stat) ||
	    stat.st_size < ARENA_SIZE_MIN || stat.st_size > ARENA_SIZE_MAX)
		return -1;
	size_t size = (size_t)stat.st_size;
	struct arena arena;
	void *shared = syscall_map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	if (!shared)
		return -1;
	if (arena_lay_out(&arena, shared, size) || arena.header->layout_version != ARENA_LAYOUT_VERSION ||
	    syscall_3(SYS_madvise, (long)shared, (long)size, MADV_DONTFORK)) {
		syscall_3(SYS_munmap, (long)shared, (long)size, 0);
		return -1;
	}
	if (rooms_renew(arena.thread_count)) {
		syscall_3(SYS_munmap, (long)shared, (long)size, 0);
		return -1;
	}
	guest_process.arena = arena;
	return 0;
}

void process_hello(void)
{
	uint32_t word = atomic_load_explicit(&quick_words.process_word, memory_order_relaxed);
	if (word != PROCESS_WIPED && (word != PROCESS_RETRY || clock_monotonic_ns() < retry_at_ns))
		return;
	if (!atomic_compare_exchange_strong(&quick_words.process_word, &word, PROCESS_ASLEEP) ||
	    !agent_address_size)
		return;
	uint32_t pid = (uint32_t)syscall_3(SYS_getpid, 0, 0, 0);
	uint32_t forked_from = guest_process.pid != pid ? guest_process.pid : 0;
	guest_process.pid = pid;

	int connection = agent_connect();
	if (connection < 0)
		return;
	int arena_fd = agent_ask(connection, forked_from);
	syscall_close(connection);
	if (arena_fd == -EAGAIN) {
		retry_at_ns = ++tries < HELLO_QUICK_TRIES
				      ? 0
				      : clock_monotonic_ns() + HELLO_RETRY_MS * UINT64_C(1000000);
		process_word_set(PROCESS_RETRY);
	}
	if (arena_fd < 0)
		return;
	int failed = arena_map(arena_fd);
	syscall_close(arena_fd);
	if (failed)
		return;
	tries = 0;
	process_word_set(last_epoch++);
}

void process_check_agent(void)
{
	enum { ASK_EVERY_NS = 100 * 1000 * 1000 };
	if (!atomic_load_explicit(&guest_process.arena.header->is_recording, memory_order_relaxed)) {
		process_sleep();
		return;
	}
	uint64_t now = clock_monotonic_ns();
	uint64_t asked = atomic_load_explicit(&guest_process.agent_asked_ns, memory_order_relaxed);
	if (now - asked < ASK_EVERY_NS || !guest_process.agent_pid ||
	    !atomic_compare_exchange_strong(&guest_process.agent_asked_ns, &asked, now))
		return;
	if (syscall_3(SYS_kill, guest_process.agent_pid, 0, 0) == -ESRCH)
		process_sleep();
}

void process_tell_unseen(uint32_t pid, uint32_t kind, const char *path)
{
	struct unseen_notice notice = {
		.magic = UNSEEN_MAGIC, .layout_version = ARENA_LAYOUT_VERSION, .pid = pid, .kind = kind};
	size_t size = strlen(path);
	size_t cut = size < sizeof notice.path ? 0 : size - sizeof notice.path + 1;
	memcpy(notice.path, path + cut, size - cut);
	int connection = agent_address_size ? agent_connect() : -1;
	if (connection < 0)
		return;
	syscall_6(SYS_sendto, connection, (long)&notice, sizeof notice, MSG_NOSIGNAL, 0, 0);
	syscall_close(connection);
}

void process_init(void)
{
	process_word_set(PROCESS_ASLEEP);
	const char *disabled = getenv(ENVIRONMENT_DISABLE);
	const char *name = getenv(ENVIRONMENT_SOCKET);
	size_t size = name ? strlen(name) : 0;
	if ((disabled && *disabled) || size == 0 || size > HELLO_ADDRESS_MAX)
		return;
	if (syscall_3(SYS_madvise, (long)&quick_words, sizeof quick_words, MADV_WIPEONFORK))
		return; /* children would believe that they are awake: stay asleep */

	agent_address.sun_family = AF_UNIX;
	memcpy(agent_address.sun_path + 1, name, size); /* behind a zero byte: the abstract namespace */
	agent_address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
	process_word_set(PROCESS_WIPED);
	process_hello();
}
