/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.h — calls on descriptors: whether to time them, and what they waited for.
 *
 * Words:    a hint says that calls on a descriptor have not blocked lately, so that the next one is not timed (sockets
 *           and pipes) or in a few instructions (files). It is given after HINT_EVIDENCE calls in a row that did not
 *           leave the CPU, and taken back by the first that blocked. It belongs to the number, which may stand for
 *           another file by now: the left-CPU check finds that out, and the wait is recorded all the same, at worst
 *           with its start inferred; the first call after each gap looks again.
 * Threads:  the hints are bytes shared by all threads of the process without order: a lost update costs a clock
 *           reading.
 */
#pragma once
#include "runtime/wait/wait.h"

/* A hint counts the calls in a row that did not block; then it says how the next one is looked at. */
enum descriptor_hint {
	HINT_EVIDENCE = 4,           /* below: with all that wait.h says */
	HINT_STREAM = HINT_EVIDENCE, /* a socket or pipe: not timed */
	HINT_FILE,                   /* on a disk: timed by one reading of the TSC */
};

static inline uint8_t descriptor_hint(int fd)
{
	return __builtin_expect((unsigned)fd < HINTED_DESCRIPTORS, 1) ? quick_words.hints[fd] : 0;
}

/* For a hint that is one: when the call begins, 0 when it is not timed. */
static inline uint64_t descriptor_straight_start(uint8_t hint)
{
	return hint == HINT_FILE ? clock_ticks(TRACE_CLOCK_TSC) : 0;
}

/* After a call that did not leave the CPU, and was not hinted or came after a gap. */
void descriptor_did_not_block(const struct thread *thread, int fd);

/* After a call that left the CPU: records the wait. start: 0 when it was not timed.
 * event: which wait it was, or 0 to tell by what the descriptor is. */
void descriptor_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			 const void *frame);

/* The same for a call that was hinted as HINT_FILE: start is of the TSC, and the thread has not been told of it. */
void descriptor_file_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			      const void *frame);
