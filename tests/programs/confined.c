/* SPDX-License-Identifier: Apache-2.0 */
/* confined — gives up rights, and dies of any system call (or clock reading) that is not its own.
 *
 * usage: confined WAY
 *   filter, seccomp   a filter by prctl or by seccomp(2) that kills
 *   strict            SECCOMP_MODE_STRICT
 *   threads           a filter, then threads
 *   fork              a filter, then a child
 *   handler           a filter, then a signal handler that waits
 *   exec              a filter, then the same program again ("inherited")
 *   probe             asks what filters the kernel supports, as libseccomp does, and gets none
 *   tsc               the TSC kills
 * Prints what it does. All must be well without a system call that is not on its list.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "must.h"

enum { CALLS_MAX = 64 };

static void say(const char *text)
{
	MUST(write(1, text, strlen(text)));
}

/* A filter that lets `calls` pass and kills the process for any other. */
static void make_filter(const int *calls, size_t count, struct sock_filter *out_code,
			struct sock_fprog *out_filter)
{
	size_t size = 0;
	out_code[size++] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < count; i++) {
		out_code[size++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
		out_code[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	out_code[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	*out_filter = (struct sock_fprog){.len = (unsigned short)size, .filter = out_code};
}

static void confine_to(const int *calls, size_t count, int by_seccomp)
{
	struct sock_filter code[2 * CALLS_MAX + 2];
	struct sock_fprog filter;
	make_filter(calls, count, code, &filter);
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (by_seccomp)
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
	else
		MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0));
}
#define CONFINE_TO(by_seccomp, ...)                                                                          \
	confine_to((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int), by_seccomp)

static __attribute__((noinline)) void wait_confined(void)
{
	for (int i = 0; i < 3; i++) {
		struct timespec rest = {.tv_nsec = 2000000};
		MUST(nanosleep(&rest, NULL));
	}
}

/* Long enough for a hook that looks at the clocks to ask the kernel what happened in between. */
static __attribute__((noinline)) void work_confined(void)
{
	for (volatile int i = 0; i < 20000000;)
		i++;
}

static void go_on(void)
{
	wait_confined();
	work_confined();
	char byte;
	int ends[2] = {3, 4};
	MUST(write(ends[1], "x", 1));
	MUST(read(ends[0], &byte, 1));
	wait_confined();
	say("confined and well\n");
}

/* A pipe on descriptors 3 and 4, for afterwards. */
static void open_pipe(void)
{
	int ends[2];
	MUST(pipe(ends));
	if (ends[0] != 3 || ends[1] != 4) {
		MUST(dup2(ends[0], 13));
		MUST(dup2(ends[1], 14));
		MUST(dup2(13, 3));
		MUST(dup2(14, 4));
	}
}

static void *in_thread(void *argument)
{
	wait_confined();
	work_confined();
	wait_confined();
	return argument;
}

static void with_threads(void)
{
	CONFINE_TO(0, SYS_read, SYS_write, SYS_clock_nanosleep, SYS_exit_group, SYS_exit, SYS_clone3,
		   SYS_clone, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_futex, SYS_set_robust_list,
		   SYS_rseq, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_getrandom, SYS_brk);
	pthread_t threads[3];
	for (int i = 0; i < 3; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, in_thread, NULL));
	for (int i = 0; i < 3; i++)
		MUST_ZERO(pthread_join(threads[i], NULL));
}

static void with_child(void)
{
	CONFINE_TO(0, SYS_read, SYS_write, SYS_clock_nanosleep, SYS_exit_group, SYS_clone, SYS_wait4,
		   SYS_set_robust_list);
	pid_t child = MUST(fork());
	if (child == 0) {
		go_on();
		_exit(5);
	}
	int status;
	MUST(waitpid(child, &status, 0));
	say(WIFEXITED(status) && WEXITSTATUS(status) == 5 ? "so is the child\n" : "the child is not\n");
}

static void on_alarm(int number)
{
	(void)number;
	wait_confined();
}

static void with_handler(void)
{
	struct sigaction action = {.sa_handler = on_alarm};
	MUST(sigaction(SIGUSR1, &action, NULL));
	CONFINE_TO(1, SYS_read, SYS_write, SYS_clock_nanosleep, SYS_exit_group, SYS_gettid, SYS_getpid,
		   SYS_tgkill, SYS_rt_sigprocmask, SYS_rt_sigreturn);
	MUST(raise(SIGUSR1));
}

/* All that a program needs to begin, and no more than it: no sockets. */
static void then_exec(char *self)
{
	CONFINE_TO(0, SYS_execve, SYS_brk, SYS_arch_prctl, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_access,
		   SYS_openat, SYS_newfstatat, SYS_fstat, SYS_read, SYS_pread64, SYS_close,
		   SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_prlimit64, SYS_getrandom,
		   SYS_write, SYS_clock_nanosleep, SYS_exit_group);
	char *arguments[] = {self, "inherited", NULL};
	MUST(execv(self, arguments));
}

static void probe(void)
{
	say(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == -1 ? "no filter\n" : "a filter\n");
	say(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL) == -1 ? "not strict\n" : "strict\n");
	say(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 ? "no filter\n" : "a filter\n");
}

int main(int count, char **words)
{
	const char *way = count > 1 ? words[1] : "";
	if (strcmp(way, "inherited") != 0)
		open_pipe();
	wait_confined();
	if (strcmp(way, "filter") == 0 || strcmp(way, "seccomp") == 0)
		CONFINE_TO(way[0] == 's', SYS_read, SYS_write, SYS_clock_nanosleep, SYS_exit_group);
	else if (strcmp(way, "strict") == 0)
		MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
	else if (strcmp(way, "threads") == 0)
		with_threads();
	else if (strcmp(way, "fork") == 0)
		with_child();
	else if (strcmp(way, "handler") == 0)
		with_handler();
	else if (strcmp(way, "exec") == 0)
		then_exec(words[0]);
	else if (strcmp(way, "probe") == 0)
		probe();
	else if (strcmp(way, "tsc") == 0)
		MUST(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	else if (strcmp(way, "inherited") != 0)
		return 2;

	if (strcmp(way, "strict") == 0) { /* sleeping is not among the four calls */
		char byte;
		MUST(write(4, "x", 1));
		MUST(read(3, &byte, 1));
		say("confined and well\n");
		syscall(SYS_exit, 0);
	}
	go_on();
	_exit(0);
}
