/* SPDX-License-Identifier: Apache-2.0 */
/* truth.h — what a program knows of its own waits, kept where its death cannot lose it.
 *
 * Words:    a line is one wait, or what a thread has used so far, in JSON; tests/harness/truth.py reads them.
 *           The file named by $TRUTH, made full of zeros by the test, is mapped shared: each line stands in
 *           a slot of TRUTH_LINE_SIZE bytes, claimed by its first byte, so that processes that know nothing of each
 *           other share it.
 * Threads:  any number, and signal handlers; a wait belongs to one thread.
 * Promise:  errno stays; the only system calls are those of clocks and, through syscall(2), of schedstat, so
 *           that a tracer that hooks libc sees none of them. Without $TRUTH nothing is written.
 */
#pragma once
#include <stdint.h>

enum { TRUTH_LINE_SIZE = 384 };

struct truth_wait {
	char *line;
	const char *reason;   /* as the report names it; "running" for time that is no wait */
	const char *function; /* where the program waits */
	int source_line;
	uint64_t object;
	uint64_t begin_ns;     /* CLOCK_MONOTONIC */
	uint64_t cpu_ns;       /* of the thread, at the begin */
	uint64_t run_delay_ns; /* of the thread, at the begin */
};

/* The program's name for a moment of it: what makes a function keep its own frame and name in every stack. */
#define SCENE __attribute__((noipa))

/* The line says "not ended" until truth_end. */
struct truth_wait truth_begin(const char *reason, uint64_t object, const char *function, int source_line);
void truth_end(const struct truth_wait *wait);

/* Writes what the calling thread has used since it began; truth_begin and truth_end do it too. */
void truth_thread(void);

/* What the machine did not give, so that the test can say why it judges nothing. */
void truth_missing(const char *what);

/* The value of `call`, its time written down as a wait on `object` (an address or a descriptor). */
#define LOGGED(reason, object, call)                                                                         \
	({                                                                                                   \
		struct truth_wait logged_wait =                                                              \
			truth_begin(reason, (uint64_t)(uintptr_t)(object), __func__, __LINE__);              \
		__typeof__(call) logged_result = (call);                                                     \
		truth_end(&logged_wait);                                                                     \
		logged_result;                                                                               \
	})
