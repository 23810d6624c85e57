/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/process.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include "record/environment.h"
#include "record/hello.h"
#include "runtime/core/confinement.h"
#include "runtime/core/room.h"
#include "runtime/core/syscall.h"

struct quick_words quick_words __attribute__((aligned(QUICK_WORDS_SIZE)));

struct process guest_process;

static struct sockaddr_un agent_address; /* copied at start: programs empty their environment */
static socklen_t agent_address_size;
static uint32_t next_epoch = PROCESS_FIRST_EPOCH; /* inherited by children, so that theirs is another */

/* How long each hello waits for its welcome, and how long the process is left alone when it did not come. */
static const struct {
	uint32_t wait_us, rest_ms;
} tries[] = {{4000, 10}, {400, 100}, {300, 1000}, {300, 0}};
enum { TRIES = sizeof tries / sizeof *tries, REFUSED_REST_MS = 100 };
static_assert(4000 + 400 + 300 + 300 <= HELLO_WAIT_US, "all together");

unsigned process_patience = 1;

static unsigned unanswered; /* tries so far */
static uint32_t refused;    /* hellos that found the agent's queue full; they waited for nothing */
static uint64_t retry_at_ns;

static void process_word_set(uint32_t word)
{
	atomic_store_explicit(&quick_words.process_word, word, memory_order_release);
}

/* Connects; the descriptor, -EAGAIN when too many are waiting to be heard, else negative. */
static int agent_connect(void)
{
	int fd = (int)syscall_3(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	struct ucred agent = {0};
	socklen_t size = sizeof agent;
	long error = syscall_3(SYS_connect, fd, (long)&agent_address, agent_address_size);
	if (error == 0 &&
	    syscall_6(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&agent, (long)&size, 0) == 0 &&
	    (agent.uid == 0 || agent.uid == (uid_t)syscall_3(SYS_geteuid, 0, 0, 0))) {
		guest_process.agent_pid = (uint32_t)agent.pid;
		return fd;
	}
	syscall_close(fd);
	return error == -EAGAIN ? -EAGAIN : -1;
}

/* Sends the hello and waits for the welcome; the arena's descriptor, -ETIMEDOUT when the agent is slow, else negative. */
static int agent_ask(int connection, uint32_t forked_from)
{
	struct hello hello = {.magic = HELLO_MAGIC,
			      .layout_version = ARENA_LAYOUT_VERSION,
			      .forked_from = forked_from,
			      .refused = refused};
	struct rusage usage = {0};
	syscall_thread_usage(&usage);
	hello.voluntary = (uint64_t)usage.ru_nvcsw;
	hello.involuntary = (uint64_t)usage.ru_nivcsw;
	syscall_3(SYS_prctl, PR_GET_NAME, (long)hello.name, 0);
	if (syscall_6(SYS_sendto, connection, (long)&hello, sizeof hello, MSG_NOSIGNAL, 0, 0) != sizeof hello)
		return -1;
	struct pollfd answer = {.fd = connection, .events = POLLIN};
	struct timespec limit = {.tv_nsec = process_patience * tries[unanswered].wait_us * 1000L};
	if (syscall_6(SYS_ppoll, (long)&answer, 1, (long)&limit, 0, 0, 0) <= 0)
		return -ETIMEDOUT;

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

/* Nobody answered: the process sleeps, for a while or for good. */
static void rest_after(long error)
{
	uint32_t rest_ms = error == -EAGAIN ? REFUSED_REST_MS : tries[unanswered].rest_ms;
	if (error == -EAGAIN)
		refused++;
	else
		unanswered++;
	if (unanswered == TRIES)
		return;
	retry_at_ns = clock_monotonic_ns() + rest_ms * UINT64_C(1000000);
	process_word_set(PROCESS_RETRY);
}

void process_hello(void)
{
	uint32_t word = atomic_load_explicit(&quick_words.process_word, memory_order_relaxed);
	if (word != PROCESS_WIPED && (word != PROCESS_RETRY || clock_monotonic_ns() < retry_at_ns))
		return;
	if (!atomic_compare_exchange_strong(&quick_words.process_word, &word, PROCESS_ASLEEP) ||
	    !agent_address_size || confinement_holds())
		return;
	if (word == PROCESS_WIPED &&
	    unanswered) /* a child of one that got no answer waits the less for its own */
		unanswered = 1;
	uint32_t pid = (uint32_t)syscall_3(SYS_getpid, 0, 0, 0);

	int connection = agent_connect();
	if (connection == -EAGAIN)
		rest_after(connection);
	if (connection < 0)
		return;
	/* The pid stays that of the last process that was welcomed, until this one is. */
	int arena_fd = agent_ask(connection, guest_process.pid != pid ? guest_process.pid : 0);
	syscall_close(connection);
	if (arena_fd == -ETIMEDOUT)
		rest_after(arena_fd);
	if (arena_fd < 0)
		return;
	int failed = arena_map(arena_fd);
	syscall_close(arena_fd);
	if (failed)
		return;
	guest_process.pid = pid;
	unanswered = refused = 0;
	uint32_t epoch = next_epoch++; /* before the word is seen: another thread may fork at once */
	process_word_set(epoch);
}

void process_check_agent(void)
{
	enum { ASK_EVERY_NS = 100 * 1000 * 1000 };
	if (!atomic_load_explicit(&guest_process.arena.header->is_recording, memory_order_relaxed)) {
		process_sleep();
		return;
	}
	if (confinement_holds())
		return;
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

void process_cover_arena(const struct arena *parents)
{
	syscall_6(SYS_mmap, (long)parents->header, (long)parents->size, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
}

void process_give_up(void)
{
	agent_address_size = 0;
	process_sleep();
}

void process_switch_off(void)
{
	atomic_fetch_add_explicit(&guest_process.arena.header->lost[LOSS_INCONSISTENT], 1,
				  memory_order_relaxed);
	process_give_up();
}

void process_init(void)
{
	process_word_set(PROCESS_ASLEEP);
	const char *disabled = getenv(ENVIRONMENT_DISABLE);
	const char *name = getenv(ENVIRONMENT_SOCKET);
	size_t size = name ? strlen(name) : 0;
	if ((disabled && *disabled) || size == 0 || size > HELLO_ADDRESS_MAX)
		return;
	if (!confinement_permits_hello(name))
		return;
	if (syscall_3(SYS_madvise, (long)&quick_words, sizeof quick_words, MADV_WIPEONFORK))
		return; /* children would believe that they are awake: stay asleep */

	agent_address.sun_family = AF_UNIX;
	memcpy(agent_address.sun_path + 1, name, size); /* behind a zero byte: the abstract namespace */
	agent_address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
	process_word_set(PROCESS_WIPED);
	process_hello();
}
