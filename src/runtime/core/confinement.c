/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/confinement.h"
#include <linux/prctl.h>
#include <string.h>
#include "record/hello.h"
#include "runtime/core/process.h"
#include "runtime/core/record.h"
#include "runtime/core/syscall.h"

_Atomic uint32_t guest_confined;

enum { REASON_MAX = 32 };

/* Reads no clock: there may be none any more. */
static void tell(struct thread *thread, const char *reason)
{
	struct event_cursor *cursor =
		record_begin(thread, EVENT_GUEST_LIMITED_MAX + REASON_MAX, thread->clock);
	if (!cursor)
		return;
	event_put_guest_limited(cursor, cursor->registers.time, reason, strlen(reason));
	record_end(thread);
}

/* A new chunk begins with a clock reading, so it is begun now if the next event needs one. */
static void make_room(struct thread *thread)
{
	if (record_begin(thread, EVENT_GUEST_LIMITED_MAX + REASON_MAX, thread->clock))
		record_release(thread);
}

void confinement_ask(enum confinement what)
{
	if (what == CONFINEMENT_NONE)
		return;
	if (thread_is_awake(&guest_thread))
		make_room(&guest_thread);
	atomic_fetch_add_explicit(&guest_confined, 1, memory_order_seq_cst);
}

void confinement_answer(enum confinement what, bool is_granted)
{
	if (what == CONFINEMENT_NONE)
		return;
	if (!is_granted || what == CONFINEMENT_NO_CLOCK)
		atomic_fetch_sub_explicit(&guest_confined, 1, memory_order_seq_cst);
	if (!is_granted)
		return;
	bool has_clock = what == CONFINEMENT_FILTER;
	if (thread_is_awake(&guest_thread))
		tell(&guest_thread, has_clock ? "system_call_filter" : "no_clock");
	/* Reading any clock but the TSC may be a system call. */
	if (!has_clock || guest_thread.clock != TRACE_CLOCK_TSC)
		process_give_up();
}

/* The number behind `key` in a page of /proc, -1 when it is not there. */
static long number_after(const char *text, const char *key)
{
	for (; *text; text++) {
		size_t same = 0;
		while (key[same] && text[same] == key[same])
			same++;
		if (!key[same])
			return (long)hello_number(text + same);
	}
	return -1;
}

/* The loader opened, read and closed files to get us here. */
static bool read_status(char *out_text, size_t room)
{
	int fd = (int)syscall_6(SYS_openat, AT_FDCWD, (long)"/proc/self/status", O_RDONLY | O_CLOEXEC, 0, 0,
				0);
	if (fd < 0)
		return false;
	long got = syscall_3(SYS_read, fd, (long)out_text, (long)room - 1);
	syscall_close(fd);
	out_text[got > 0 ? got : 0] = 0;
	return got > 0;
}

bool confinement_permits_hello(const char *socket_name)
{
	enum { STATUS_SIZE = 16 << 10 };
	char status[STATUS_SIZE];
	long mode = -1;
	if (read_status(status, sizeof status))
		mode = number_after(status, "\nSeccomp:\t");
	if (mode <
	    0) /* who can be asked without /proc may be forbidden to answer; but few are filtered and without it */
		mode = syscall_3(SYS_prctl, PR_GET_SECCOMP, 0, 0);
	else if (mode > 0 &&
		 number_after(status, "\nSeccomp_filters:\t") == (long)hello_agent_filters(socket_name))
		mode = 0;
	int tsc = PR_TSC_ENABLE;
	return mode <= 0 && (syscall_3(SYS_prctl, PR_GET_TSC, (long)&tsc, 0) || tsc == PR_TSC_ENABLE);
}
