/* SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"
#include "must.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char *lines;
static size_t line_count;

static _Thread_local struct {
	char *line;
	pid_t tid; /* whose line it is: a forked child finds its parent's here */
} own_line;

__attribute__((constructor)) static void truth_open(void)
{
	const char *path = getenv("TRUTH");
	if (!path)
		return;
	int fd = MUST(open(path, O_RDWR | O_CLOEXEC));
	struct stat status;
	MUST(fstat(fd, &status));
	lines = MUST((char *)mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_POPULATE, fd, 0));
	line_count = (size_t)status.st_size / TRUTH_LINE_SIZE;
	close(fd);
}

static char *line_claim(void)
{
	static atomic_size_t next;
	for (;;) {
		size_t index = atomic_fetch_add(&next, 1);
		if (index >= line_count) {
			fprintf(stderr, "truth is full\n");
			_exit(99);
		}
		char *line = lines + index * TRUTH_LINE_SIZE;
		char unclaimed = 0;
		if (__atomic_compare_exchange_n(line, &unclaimed, ' ', 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return line;
	}
}

__attribute__((format(printf, 2, 3))) static void line_write(char *line, const char *format, ...)
{
	char text[TRUTH_LINE_SIZE + 1];
	memset(text, ' ', sizeof text);
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(text, TRUTH_LINE_SIZE, format, arguments);
	va_end(arguments);
	text[size] = ' ';
	text[TRUTH_LINE_SIZE - 1] = '\n';
	memcpy(line, text, TRUTH_LINE_SIZE);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Time the calling thread was ready and had no CPU; 0 where the kernel does not count it. */
static uint64_t run_delay_ns(void)
{
	char text[96] = "";
	long fd = syscall(SYS_openat, AT_FDCWD, "/proc/thread-self/schedstat", O_RDONLY);
	if (fd < 0)
		return 0;
	syscall(SYS_read, fd, text, sizeof text - 1);
	syscall(SYS_close, fd);
	char *second = strchr(text, ' ');
	return second ? strtoull(second, NULL, 10) : 0;
}

void truth_thread(void)
{
	if (!lines)
		return;
	int saved_errno = errno;
	pid_t tid = gettid();
	if (own_line.tid != tid) {
		own_line.tid = tid;
		own_line.line = line_claim();
	}
	line_write(own_line.line,
		   "{\"kind\":\"thread\",\"pid\":%d,\"tid\":%d,\"at_ns\":%lu,\"cpu_ns\":%lu,\"run_delay_ns\":"
		   "%lu}",
		   getpid(), tid, clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_THREAD_CPUTIME_ID),
		   run_delay_ns());
	errno = saved_errno;
}

void truth_missing(const char *what)
{
	if (lines)
		line_write(line_claim(), "{\"kind\":\"missing\",\"what\":\"%s\"}", what);
}

static void wait_write(const struct truth_wait *wait, uint64_t end_ns, uint64_t cpu_ns, uint64_t delay_ns)
{
	line_write(wait->line,
		   "{\"kind\":\"wait\",\"pid\":%d,\"tid\":%d,\"reason\":\"%s\",\"object\":%lu,\"function\":"
		   "\"%s\","
		   "\"line\":%d,\"begin_ns\":%lu,\"end_ns\":%lu,\"cpu_ns\":%lu,\"run_delay_ns\":%lu}",
		   getpid(), gettid(), wait->reason, wait->object, wait->function, wait->source_line,
		   wait->begin_ns, end_ns, cpu_ns, delay_ns);
}

struct truth_wait truth_begin(const char *reason, uint64_t object, const char *function, int source_line)
{
	struct truth_wait wait = {
		.reason = reason, .function = function, .source_line = source_line, .object = object};
	if (!lines)
		return wait;
	int saved_errno = errno;
	truth_thread();
	wait.line = line_claim();
	wait.begin_ns = clock_ns(CLOCK_MONOTONIC);
	wait_write(&wait, 0, 0, 0);
	wait.run_delay_ns = run_delay_ns();
	wait.cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	errno = saved_errno;
	wait.begin_ns = clock_ns(CLOCK_MONOTONIC);
	return wait;
}

void truth_end(const struct truth_wait *wait)
{
	if (!wait->line)
		return;
	uint64_t end_ns = clock_ns(CLOCK_MONOTONIC);
	int saved_errno = errno;
	uint64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - wait->cpu_ns;
	uint64_t delay_ns = run_delay_ns() - wait->run_delay_ns;
	wait_write(wait, end_ns, cpu_ns, delay_ns);
	truth_thread();
	errno = saved_errno;
}
