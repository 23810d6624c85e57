/* SPDX-License-Identifier: Apache-2.0 */
/* Has functions of its own with the names of libc's, counts their calls and forwards them: whoever else stands before
 * libc is called by them, and calls none of them. */
#include "must.h"
#include <dlfcn.h>
#include <pthread.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define OWN(name, result, parameters, arguments)                                                             \
	static int name##_calls;                                                                             \
	__attribute__((visibility("default"))) result name parameters;                                       \
	result name parameters                                                                               \
	{                                                                                                    \
		static result(*real) parameters;                                                             \
		if (!real)                                                                                   \
			real = (result(*) parameters)dlsym(RTLD_NEXT, #name);                                \
		__atomic_add_fetch(&name##_calls, 1, __ATOMIC_RELAXED);                                      \
		return real arguments;                                                                       \
	}

OWN(read, ssize_t, (int fd, void *bytes, size_t size), (fd, bytes, size))
OWN(write, ssize_t, (int fd, const void *bytes, size_t size), (fd, bytes, size))
OWN(poll, int, (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout))
OWN(nanosleep, int, (const struct timespec *wanted, struct timespec *rest), (wanted, rest))
OWN(pthread_mutex_lock, int, (pthread_mutex_t * mutex), (mutex))
OWN(pthread_mutex_unlock, int, (pthread_mutex_t * mutex), (mutex))
OWN(pthread_create, int,
    (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
    (thread, attributes, start, argument))
OWN(pthread_join, int, (pthread_t thread, void **result), (thread, result))
OWN(clock_gettime, int, (clockid_t clock, struct timespec *time), (clock, time))
OWN(memcpy, void *, (void *to, const void *from, size_t size), (to, from, size))
OWN(close, int, (int fd), (fd))
OWN(getpid, pid_t, (void), ())

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int fds[2];

static void *work(void *unused)
{
	struct timespec duration = {0, 20000000};
	char byte;
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST(nanosleep(&duration, NULL));
	MUST_ZERO(pthread_mutex_unlock(&lock));
	MUST(read(fds[0], &byte, 1));
	return unused;
}

int main(void)
{
	pthread_t threads[2];
	struct timespec duration = {0, 30000000}, now;
	MUST(pipe(fds));
	for (int i = 0; i < 2; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, work, NULL));
	MUST(poll(NULL, 0, 10));
	MUST(nanosleep(&duration, NULL));
	MUST(write(fds[1], "bytes", 2));
	for (int i = 0; i < 2; i++)
		MUST_ZERO(pthread_join(threads[i], NULL));
	MUST(clock_gettime(CLOCK_MONOTONIC, &now));
	printf("read %d, write %d, poll %d, nanosleep %d, lock %d, unlock %d, create %d, join %d\n",
	       read_calls, write_calls, poll_calls, nanosleep_calls, pthread_mutex_lock_calls,
	       pthread_mutex_unlock_calls, pthread_create_calls, pthread_join_calls);
	printf("clock_gettime %d, memcpy %d, close %d, getpid %d\n", clock_gettime_calls, memcpy_calls,
	       close_calls, getpid_calls);
}
