/* SPDX-License-Identifier: Apache-2.0 */
/* What every kind of mutex answers in every situation that has an answer of its own. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20, CEILING = 5 };

struct kind {
	const char *name;
	int type, robust, protocol, ceiling;
};
static const struct kind kinds[] = {
	{"normal", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, 0},
	{"adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, 0},
	{"recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, 0},
	{"error-checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, 0},
	{"robust", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, 0},
	{"robust recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, 0},
	{"robust error-checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, 0},
	{"inheriting", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT, 0},
	{"inheriting recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT, 0},
	{"inheriting error-checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT,
	 0},
	{"inheriting robust", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT, 0},
	{"ceiling", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_PROTECT, CEILING},
	{"ceiling recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_PROTECT, CEILING},
	{"ceiling error-checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_PROTECT,
	 CEILING},
};

static const struct kind *kind;
static pthread_mutex_t *lock; /* shared with child processes */
static struct gate holds, release;

static void show(const char *call, int error)
{
	printf("%s, %s: %s\n", kind->name, call, error ? strerror(error) : "ok");
}

static void lock_make(void)
{
	pthread_mutexattr_t attributes;
	MUST_ZERO(pthread_mutexattr_init(&attributes));
	MUST_ZERO(pthread_mutexattr_settype(&attributes, kind->type));
	MUST_ZERO(pthread_mutexattr_setrobust(&attributes, kind->robust));
	MUST_ZERO(pthread_mutexattr_setprotocol(&attributes, kind->protocol));
	if (kind->ceiling)
		MUST_ZERO(pthread_mutexattr_setprioceiling(&attributes, kind->ceiling));
	MUST_ZERO(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
	MUST_ZERO(pthread_mutex_init(lock, &attributes));
}

static struct timespec soon(clockid_t clock)
{
	struct timespec moment;
	clock_gettime(clock, &moment);
	moment.tv_nsec += TIMEOUT_MS * 1000000;
	moment.tv_sec += moment.tv_nsec / 1000000000;
	moment.tv_nsec %= 1000000000;
	return moment;
}

static int timed_lock(void)
{
	struct timespec deadline = soon(CLOCK_REALTIME);
	return LOGGED("lock", lock, pthread_mutex_timedlock(lock, &deadline));
}

static void *holder(void *unused __attribute__((unused)))
{
	MUST_ZERO(pthread_mutex_lock(lock));
	gate_tell(&holds);
	gate_await(&release);
	return (void *)(long)pthread_mutex_unlock(lock);
}

static void by_one_thread(void)
{
	show("lock", pthread_mutex_lock(lock));
	show("trylock of one's own", pthread_mutex_trylock(lock));
	show("timedlock of one's own", timed_lock());
	if (kind->type == PTHREAD_MUTEX_RECURSIVE || kind->type == PTHREAD_MUTEX_ERRORCHECK)
		show("lock of one's own", pthread_mutex_lock(lock));
	if (kind->type == PTHREAD_MUTEX_RECURSIVE)
		for (int i = 0; i < 3; i++)
			show("unlock once more", pthread_mutex_unlock(lock));
	show("unlock", pthread_mutex_unlock(lock));
	if (kind->type == PTHREAD_MUTEX_ERRORCHECK || kind->type == PTHREAD_MUTEX_RECURSIVE)
		show("unlock of a free one", pthread_mutex_unlock(lock));
}

static void *lock_once(void *out_error)
{
	*(int *)out_error = pthread_mutex_lock(lock);
	return NULL;
}

/* Only who runs at a real-time priority may lock one with a ceiling, and not above it. */
static void above_the_ceiling(void)
{
	pthread_t thread;
	pthread_attr_t attributes;
	int error = -1;
	struct sched_param above = {.sched_priority = CEILING + 1};
	MUST_ZERO(pthread_attr_init(&attributes));
	MUST_ZERO(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED));
	MUST_ZERO(pthread_attr_setschedpolicy(&attributes, SCHED_FIFO));
	MUST_ZERO(pthread_attr_setschedparam(&attributes, &above));
	MUST_ZERO(pthread_create(&thread, &attributes, lock_once, &error));
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	show("lock above the ceiling", error);
}

static void with_no_such_deadline(void)
{
	struct timespec never = {.tv_nsec = 1000000000}, before = {.tv_nsec = -1};
	show("timedlock until no time", pthread_mutex_timedlock(lock, &never));
	show("timedlock until another", pthread_mutex_timedlock(lock, &before));
	if (kind->protocol == PTHREAD_PRIO_NONE)
		show("clocklock by no clock", pthread_mutex_clocklock(lock, 77, &never));
}

static void held_by_another(void)
{
	pthread_t thread;
	void *unlocked;
	MUST_ZERO(pthread_create(&thread, NULL, holder, NULL));
	gate_await(&holds);
	show("trylock while held", pthread_mutex_trylock(lock));
	with_no_such_deadline();
	show("timedlock while held", timed_lock());
	if (kind->protocol == PTHREAD_PRIO_NONE) {
		struct timespec deadline = soon(CLOCK_MONOTONIC);
		show("clocklock while held",
		     LOGGED("lock", lock, pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &deadline)));
	}
	if (kind->type == PTHREAD_MUTEX_ERRORCHECK || kind->type == PTHREAD_MUTEX_RECURSIVE)
		show("unlock while held by another", pthread_mutex_unlock(lock));
	gate_tell(&release);
	show("lock when released", LOGGED("lock", lock, pthread_mutex_lock(lock)));
	show("unlock", pthread_mutex_unlock(lock));
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, &unlocked)));
	show("unlock by the holder", (int)(long)unlocked);
}

static void *owner_that_dies(void *unused)
{
	MUST_ZERO(pthread_mutex_lock(lock));
	return unused;
}

static void held_by_the_dead(void)
{
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, owner_that_dies, NULL));
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	show("lock after its owner's death", pthread_mutex_lock(lock));
	show("consistent", pthread_mutex_consistent(lock));
	show("unlock", pthread_mutex_unlock(lock));

	pid_t pid = MUST(fork());
	if (pid == 0) {
		MUST_ZERO(pthread_mutex_lock(lock));
		gate_tell(&holds);
		gate_await(&release);
		_exit(0);
	}
	gate_await(&holds);
	gate_tell(&release);
	show("lock when its process dies", LOGGED("lock", lock, pthread_mutex_lock(lock)));
	show("unlock without consistent", pthread_mutex_unlock(lock));
	show("lock of a lost one", pthread_mutex_lock(lock));
	show("trylock of a lost one", pthread_mutex_trylock(lock));
	MUST(waitpid(pid, NULL, 0));
}

int main(void)
{
	gate_init(&holds);
	gate_init(&release);
	lock = MUST((pthread_mutex_t *)mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct sched_param low = {.sched_priority = 1};
	for (kind = kinds; kind < kinds + sizeof kinds / sizeof *kinds; kind++) {
		if (kind->ceiling && pthread_setschedparam(pthread_self(), SCHED_FIFO, &low)) {
			printf("%s: no right to a real-time priority\n", kind->name);
			continue;
		}
		lock_make();
		if (kind->ceiling)
			above_the_ceiling();
		by_one_thread();
		held_by_another();
		if (kind->robust == PTHREAD_MUTEX_ROBUST)
			held_by_the_dead();
		else
			show("destroy", pthread_mutex_destroy(lock));
	}
}
