/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listener.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "agent/proc_file.h"
#include "agent/scheduler_slice.h"
#include "base/memory.h"
#include "record/hello.h"

/* A connection over which nothing has come yet: its process was not let in again since it connected. */
struct unheard {
	int connection;
	uint64_t since_ns;
};
enum { UNHEARD_MAX = 256 };

struct listener {
	char name[HELLO_ADDRESS_MAX];
	int socket;
	int arrived; /* eventfd: newcomers */
	int stop;    /* eventfd: the thread is to end */
	int spare;   /* given up for a moment when there is no other descriptor */
	_Atomic uint64_t refused;
	pthread_t thread;
	bool is_stopped;
	pthread_mutex_t lock; /* of supply.terms.clock and the list */
	struct arena_supply supply;
	struct newcomer *first, **end;

	/* the thread's own */
	struct unheard unheard[UNHEARD_MAX]; /* the oldest first */
	size_t unheard_count;
};

static int send_welcome(int connection, int arena_fd)
{
	struct welcome welcome = {HELLO_MAGIC, ARENA_LAYOUT_VERSION};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	memcpy(CMSG_DATA(&control.header), &arena_fd, sizeof arena_fd);
	struct iovec part = {&welcome, sizeof welcome};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	return sendmsg(connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof welcome ? 0 : -1;
}

/* Whether the process is one that we started, or a child of one: we are the reaper of orphans, so the chain of
 * parents leads here. */
static bool is_descendant(uint32_t pid)
{
	enum { GENERATIONS_MAX = 256 };
	for (int i = 0; i < GENERATIONS_MAX && pid > 1; i++) {
		if (pid == (uint32_t)getpid())
			return true;
		pid = proc_parent(pid);
	}
	return false;
}

/* Of the same user; or, for root, a child that has become another user. */
static bool may_be_recorded(const struct ucred *peer)
{
	return peer->pid > 0 &&
	       (peer->uid == geteuid() || (geteuid() == 0 && is_descendant((uint32_t)peer->pid)));
}

/* What a process says; `magic` tells what it is. */
union message {
	uint32_t magic;
	struct hello hello;
	struct unseen_notice notice;
};

/* The message of a process that may be recorded; its size, 0 when there is none. */
static size_t receive(int connection, union message *out_message, struct ucred *out_peer)
{
	socklen_t size = sizeof *out_peer;
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, out_peer, &size) || !may_be_recorded(out_peer))
		return 0;
	ssize_t got = recv(connection, out_message, sizeof *out_message, MSG_DONTWAIT);
	return got > 0 ? (size_t)got : 0;
}

/* Hands it to the recording. */
static void tell(struct listener *listener, struct newcomer *newcomer)
{
	pthread_mutex_lock(&listener->lock);
	*listener->end = newcomer;
	listener->end = &newcomer->next;
	pthread_mutex_unlock(&listener->lock);
	eventfd_write(listener->arrived, 1);
}

static void count_refused(struct listener *listener, uint64_t hellos)
{
	atomic_fetch_add_explicit(&listener->refused, hellos, memory_order_relaxed);
	eventfd_write(listener->arrived, 1);
}

static void refuse(struct listener *listener)
{
	count_refused(listener, 1);
}

static void answer_hello(struct listener *listener, int connection, const struct hello *hello, uint32_t pid)
{
	if (hello->refused)
		count_refused(listener, hello->refused);
	struct newcomer *newcomer =
		hello->layout_version == ARENA_LAYOUT_VERSION ? newcomer_create(pid, hello, NULL) : NULL;
	if (!newcomer) {
		refuse(listener);
		return;
	}
	pthread_mutex_lock(&listener->lock);
	int failed = supply_take(&listener->supply, &newcomer->shared, NULL);
	newcomer->start.clock = listener->supply.terms.clock;
	newcomer->start.ticks = clock_ticks(newcomer->start.clock);
	pthread_mutex_unlock(&listener->lock);
	if (failed || send_welcome(connection, newcomer->shared.fd)) {
		if (!failed) /* it did not wait; what it does until it asks again is lost */
			shared_arena_close(&newcomer->shared);
		refuse(listener);
		close(newcomer->pidfd);
		newcomer_destroy(newcomer);
		return;
	}
	tell(listener, newcomer);
}

static void take_notice(struct listener *listener, const struct unseen_notice *notice, uint32_t pid)
{
	struct newcomer *newcomer = newcomer_of_notice(pid, notice);
	if (!newcomer)
		return;
	pthread_mutex_lock(&listener->lock);
	newcomer->start.clock = listener->supply.terms.clock;
	pthread_mutex_unlock(&listener->lock);
	newcomer->start.ticks = clock_ticks(newcomer->start.clock);
	tell(listener, newcomer);
}

static void answer(struct listener *listener, int connection)
{
	union message message;
	struct ucred peer;
	size_t size = receive(connection, &message, &peer);
	if (size == sizeof message.hello && message.magic == HELLO_MAGIC)
		answer_hello(listener, connection, &message.hello, (uint32_t)peer.pid);
	else if (size == sizeof message.notice && message.magic == UNSEEN_MAGIC)
		take_notice(listener, &message.notice, (uint32_t)peer.pid);
}

/* Without a free descriptor nobody can even be told to go: one is kept for that. */
static void turn_away(struct listener *listener)
{
	enum { BACK_OFF_MS = 10 };
	if (listener->spare >= 0)
		close(listener->spare);
	int connection = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
	if (connection >= 0) {
		close(connection);
		refuse(listener);
	} else {
		poll(&(struct pollfd){.fd = listener->stop, .events = POLLIN}, 1, BACK_OFF_MS);
	}
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void admit(struct listener *listener)
{
	if (listener->unheard_count == UNHEARD_MAX) { /* whoever has been silent for longest is no guest */
		close(listener->unheard[0].connection);
		memmove(listener->unheard, listener->unheard + 1,
			--listener->unheard_count * sizeof *listener->unheard);
	}
	int connection = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
	if (connection >= 0)
		listener->unheard[listener->unheard_count++] =
			(struct unheard){connection, clock_monotonic_ns()};
	else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		turn_away(listener);
}

/* Answers those who have spoken, and keeps no one for ever who does not; `fds` are theirs. */
static void hear(struct listener *listener, const struct pollfd *fds)
{
	const uint64_t PATIENCE_NS = 1000000000;
	uint64_t now = clock_monotonic_ns();
	size_t kept = 0;
	for (size_t i = 0; i < listener->unheard_count; i++) {
		struct unheard unheard = listener->unheard[i];
		if (!fds[i].revents && now - unheard.since_ns < PATIENCE_NS) {
			listener->unheard[kept++] = unheard;
			continue;
		}
		if (fds[i].revents)
			answer(listener, unheard.connection);
		close(unheard.connection);
	}
	listener->unheard_count = kept;
}

/* Who has spoken before the end is heard. */
static void hear_the_last(struct listener *listener)
{
	enum { LAST_MAX = 4096 }; /* the most that wait in the queue: SOMAXCONN */
	for (int i = 0; i < LAST_MAX; i++) {
		int connection = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0)
			return;
		answer(listener, connection);
		close(connection);
	}
}

static void *listen_on(void *argument)
{
	enum { LOOK_MS = 500 }; /* at those who have connected and said nothing */
	struct listener *listener = argument;
	scheduler_come_first();
	struct pollfd fds[2 + UNHEARD_MAX] = {{.fd = listener->socket, .events = POLLIN},
					      {.fd = listener->stop, .events = POLLIN}};
	for (;;) {
		for (size_t i = 0; i < listener->unheard_count; i++)
			fds[2 + i] = (struct pollfd){.fd = listener->unheard[i].connection, .events = POLLIN};
		int ready = poll(fds, 2 + listener->unheard_count, listener->unheard_count ? LOOK_MS : -1);
		if ((ready < 0 && errno != EINTR) || (ready > 0 && fds[1].revents))
			break;
		if (ready < 0)
			continue;
		hear(listener, fds + 2);
		if (fds[0].revents)
			admit(listener);
		else if (ready > 0) { /* nobody else is waiting */
			pthread_mutex_lock(&listener->lock);
			supply_refill(&listener->supply, NULL);
			pthread_mutex_unlock(&listener->lock);
		}
	}
	for (size_t i = 0; i < listener->unheard_count; i++) {
		answer(listener, listener->unheard[i].connection);
		close(listener->unheard[i].connection);
	}
	hear_the_last(listener);
	return NULL;
}

/* Nobody else may see the signals that the program is run with. */
static int start_thread(struct listener *listener)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&listener->thread, NULL, listen_on, listener);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct listener *listener_open(const struct arena_terms *terms, struct error *out_error)
{
	struct listener *listener = memory_allocate(sizeof *listener);
	uint64_t secret = 0;
	if (getrandom(&secret, sizeof secret, 0) != sizeof secret)
		secret = clock_monotonic_ns();
	char *status = proc_read(NULL, "/proc/self/status");
	unsigned filters = status ? (unsigned)proc_number(status, "\nSeccomp_filters:") : 0;
	free(status);
	int name_size = snprintf(listener->name, sizeof listener->name, "tickbird-%d-%016llx.%u", getpid(),
				 (unsigned long long)secret, filters);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path + 1, listener->name, (size_t)name_size);
	socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)name_size);

	listener->end = &listener->first;
	listener->supply.terms = *terms;
	pthread_mutex_init(&listener->lock, NULL);
	listener->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	listener->arrived = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	listener->stop = eventfd(0, EFD_CLOEXEC);
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int failed = supply_refill(&listener->supply, out_error);
	if (!failed &&
	    (listener->socket < 0 || listener->arrived < 0 || listener->stop < 0 || listener->spare < 0 ||
	     bind(listener->socket, (struct sockaddr *)&address, address_size) ||
	     listen(listener->socket, SOMAXCONN) || (errno = start_thread(listener)) != 0))
		failed = error_set_errno(out_error, errno, "cannot listen for the processes to be recorded");
	if (failed) {
		supply_close(&listener->supply);
		close(listener->socket);
		close(listener->arrived);
		close(listener->stop);
		close(listener->spare);
		free(listener);
		return NULL;
	}
	return listener;
}

const char *listener_name(const struct listener *listener)
{
	return listener->name;
}

int listener_fd(const struct listener *listener)
{
	return listener->arrived;
}

struct newcomer *listener_take(struct listener *listener)
{
	eventfd_t count;
	eventfd_read(listener->arrived, &count);
	pthread_mutex_lock(&listener->lock);
	struct newcomer *first = listener->first;
	listener->first = NULL;
	listener->end = &listener->first;
	pthread_mutex_unlock(&listener->lock);
	return first;
}

uint64_t listener_take_refused(struct listener *listener)
{
	return atomic_exchange_explicit(&listener->refused, 0, memory_order_relaxed);
}

void listener_set_clock(struct listener *listener, enum trace_clock clock)
{
	pthread_mutex_lock(&listener->lock);
	listener->supply.terms.clock = clock;
	supply_close(&listener->supply); /* those that are ready carry the old clock */
	pthread_mutex_unlock(&listener->lock);
}

void listener_stop(struct listener *listener)
{
	if (listener->is_stopped)
		return;
	listener->is_stopped = true;
	eventfd_write(listener->stop, 1);
	pthread_join(listener->thread, NULL);
}

void listener_close(struct listener *listener)
{
	listener_stop(listener);
	for (struct newcomer *newcomer = listener_take(listener); newcomer;) {
		struct newcomer *next = newcomer->next;
		if (!newcomer->is_notice) {
			shared_arena_close(&newcomer->shared);
			close(newcomer->pidfd);
		}
		newcomer_destroy(newcomer);
		newcomer = next;
	}
	supply_close(&listener->supply);
	close(listener->socket);
	close(listener->arrived);
	close(listener->stop);
	close(listener->spare);
	pthread_mutex_destroy(&listener->lock);
	free(listener);
}
