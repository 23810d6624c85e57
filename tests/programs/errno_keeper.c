/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what each call makes of its result and errno: at once, after a wait, and when it fails. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BEFORE = 1234, LATER_MS = 5, BAD = 987 };

/* The number of a failed call, or whether a successful one left errno as it was. */
#define SHOW(call)                                                                                           \
	do {                                                                                                 \
		errno = BEFORE;                                                                              \
		long shown_result = (long)(call);                                                            \
		int shown_errno = errno;                                                                     \
		printf("%s: %ld, errno %s\n", #call, shown_result,                                           \
		       shown_errno == BEFORE ? "untouched" : strerrorname_np(shown_errno));                  \
	} while (0)

static struct gate ready;
static int channel[2], sockets[2], file, epoll;
static char byte;
static struct iovec piece = {&byte, 1};
static struct timespec moment = {0, 1000000}, negative = {-1, 0}, immediately;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static void *volatile nowhere = (void *)1;
static volatile int too_few = -1;

static void *give_later(void *fd)
{
	gate_await(&ready);
	pause_ms(LATER_MS);
	MUST(write((int)(long)fd, "", 1));
	return NULL;
}

/* A thread that writes one byte when the caller is about to wait for it. */
static pthread_t byte_later(int fd)
{
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, give_later, (void *)(long)fd));
	gate_tell(&ready);
	return thread;
}

static void at_once(void)
{
	puts("at once");
	SHOW(write(channel[1], "abcd", 4));
	SHOW(read(channel[0], &byte, 1));
	SHOW(readv(channel[0], &piece, 1));
	SHOW(writev(channel[1], &piece, 1));
	SHOW(send(sockets[1], "abcd", 4, 0));
	SHOW(recv(sockets[0], &byte, 1, 0));
	SHOW(recvfrom(sockets[0], &byte, 1, 0, NULL, NULL));
	SHOW(pwrite(file, "abcd", 4, 0));
	SHOW(pread(file, &byte, 1, 0));
	SHOW(fsync(file));
	SHOW(fdatasync(file));
	SHOW(poll(&(struct pollfd){channel[0], POLLIN, 0}, 1, -1));
	SHOW(ppoll(&(struct pollfd){channel[0], POLLIN, 0}, 1, NULL, NULL));
	SHOW(epoll_wait(epoll, &(struct epoll_event){0}, 1, -1));
	SHOW(epoll_pwait(epoll, &(struct epoll_event){0}, 1, -1, NULL));
	SHOW(pthread_mutex_lock(&lock));
	SHOW(pthread_mutex_trylock(&lock));
	SHOW(pthread_mutex_unlock(&lock));
	SHOW(pthread_cond_signal(&condition));
	SHOW(pthread_cond_broadcast(&condition));
	SHOW(sem_post(&semaphore));
	SHOW(sem_wait(&semaphore));
	SHOW(flock(file, LOCK_EX));
	SHOW(nanosleep(&immediately, NULL));
	SHOW(usleep(0));
	SHOW(sleep(0));
}

static void after_a_wait(void)
{
	pthread_t thread;
	puts("after a wait");
	MUST(read(channel[0], (char[8]){0}, 8));
	MUST(recv(sockets[0], (char[8]){0}, 8, 0));

	thread = byte_later(channel[1]);
	SHOW(read(channel[0], &byte, 1));
	SHOW(pthread_join(thread, NULL));
	thread = byte_later(sockets[1]);
	SHOW(recv(sockets[0], &byte, 1, 0));
	SHOW(pthread_join(thread, NULL));
	thread = byte_later(channel[1]);
	SHOW(poll(&(struct pollfd){channel[0], POLLIN, 0}, 1, -1));
	SHOW(epoll_wait(epoll, &(struct epoll_event){0}, 1, -1));
	SHOW(read(channel[0], &byte, 1));
	SHOW(pthread_join(thread, NULL));

	SHOW(poll(NULL, 0, LATER_MS));
	SHOW(select(0, NULL, NULL, NULL, &(struct timeval){0, 1000}));
	SHOW(epoll_wait(epoll, &(struct epoll_event){0}, 1, LATER_MS));
	SHOW(nanosleep(&moment, NULL));
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL));
	SHOW(usleep(1000));
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	pthread_mutex_lock(&lock);
	SHOW(pthread_cond_timedwait(&condition, &lock, &deadline));
	pthread_mutex_unlock(&lock);

	pid_t pid = MUST(fork());
	if (pid == 0) {
		pause_ms(LATER_MS);
		_exit(errno == BEFORE);
	}
	int status;
	SHOW(waitpid(pid, &status, 0) == pid);
}

static void in_a_child(void)
{
	puts("in a child");
	fflush(stdout);
	errno = BEFORE;
	pid_t pid = fork();
	if (pid == 0)
		_exit(errno == BEFORE ? 0 : 1);
	printf("fork: errno of the parent %s\n", errno == BEFORE ? "untouched" : strerrorname_np(errno));
	int status;
	MUST(waitpid(pid, &status, 0));
	printf("fork: errno of the child %s\n", status == 0 ? "untouched" : "changed");
}

static void failing(void)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char *const nothing[] = {NULL};
	puts("failing");
	MUST(write(channel[1], "", 1));
	SHOW(read(BAD, &byte, 1));
	SHOW(write(BAD, &byte, 1));
	SHOW(readv(BAD, &piece, 1));
	SHOW(writev(channel[1], &piece, too_few));
	SHOW(read(channel[0], nowhere, 1));
	SHOW(recv(channel[0], &byte, 1, 0));
	SHOW(recv(sockets[0], &byte, 1, MSG_DONTWAIT));
	SHOW(send(BAD, &byte, 1, 0));
	SHOW(recvmsg(BAD, &(struct msghdr){0}, 0));
	SHOW(sendmsg(BAD, &(struct msghdr){0}, 0));
	SHOW(accept(BAD, NULL, NULL));
	SHOW(accept4(sockets[0], NULL, NULL, 0));
	SHOW(connect(BAD, (struct sockaddr *)&nobody, sizeof nobody));
	SHOW(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&nobody, sizeof nobody));
	SHOW(fsync(BAD));
	SHOW(fdatasync(BAD));
	SHOW(fsync(channel[0]));
	SHOW(poll(nowhere, 1, 0));
	SHOW(ppoll(NULL, 0, &negative, NULL));
	SHOW(select(too_few, NULL, NULL, NULL, NULL));
	SHOW(epoll_wait(BAD, &(struct epoll_event){0}, 1, 0));
	SHOW(epoll_wait(epoll, &(struct epoll_event){0}, 0, 0));
	SHOW(epoll_wait(channel[0], &(struct epoll_event){0}, 1, 0));
	SHOW(nanosleep(&negative, NULL));
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &negative, NULL));
	SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &moment, NULL));
	SHOW(wait(NULL));
	SHOW(waitpid(1, NULL, 0));
	SHOW(waitpid(-1, NULL, ~0));
	SHOW(waitid(P_ALL, 0, NULL, 0));
	SHOW(wait4(-1, NULL, 0, NULL));
	SHOW(sem_trywait(&semaphore));
	SHOW(execv("/nonexistent/program", nothing));
	SHOW(execvp("no-such-program-anywhere", nothing));
	SHOW(execve("/etc", nothing, nothing));
	SHOW(pthread_join(pthread_self(), NULL));
}

int main(void)
{
	char name[] = "/tmp/errno_keeper.XXXXXX";
	gate_init(&ready);
	MUST(pipe(channel));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	file = MUST(mkstemp(name));
	unlink(name);
	epoll = MUST(epoll_create1(0));
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, channel[0], &(struct epoll_event){.events = EPOLLIN}));
	MUST(sem_init(&semaphore, 0, 0));
	at_once();
	after_a_wait();
	in_a_child();
	failing();
}
