/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.h — calls on descriptors: whether to time them, and what they waited for.
 *
 * Words:    a hint says that calls on a descriptor have not blocked lately, so that the next one is not timed. It is
 *           given to sockets and pipes only, after HINT_EVIDENCE calls in a row that did not leave the CPU, and
 *           taken back by the first that blocked. It belongs to the number, which may stand for another file by now:
 *           the left-CPU check finds that out, and the wait is recorded all the same, with its start inferred.
 * Threads:  the hints are bytes shared by all threads of the process without order: a lost update costs a clock
 *           reading.
 */
#pragma once
#include "runtime/wait/wait.h"

/* A hint is a count of calls that did not block: below HINT_QUICK they are timed and counted, at HINT_QUICK not timed.
 * From HINT_FILE on the descriptor is no socket or pipe: always timed, and looked at again when the count wraps. */
enum { HINTED_DESCRIPTORS = 4096, HINT_EVIDENCE = 4, HINT_QUICK = HINT_EVIDENCE, HINT_FILE = 128 };
extern uint8_t descriptor_hints[HINTED_DESCRIPTORS];

/* Whether the next call on the descriptor is to be timed. */
static inline bool descriptor_is_timed(int fd)
{
	return (unsigned)fd >= HINTED_DESCRIPTORS || descriptor_hints[fd] != HINT_QUICK;
}

/* After a call that did not leave the CPU and was timed. */
void descriptor_did_not_block(const struct thread *thread, int fd);

/* After a call that left the CPU: records the wait. start: 0 when it was not timed.
 * event: which wait it was, or 0 to tell by what the descriptor is. */
void descriptor_left_cpu(struct thread *thread, int fd, uint64_t start, enum event_number event,
			 const void *frame);
