/* SPDX-License-Identifier: Apache-2.0 */
/* wait_reason.h — what a thread can wait for, and how an event of any waiting type says so.
 *
 * The reasons and their order are those of the JSON report (docs/report.md). Which events are waits, and where in them object,
 * descriptor, mutex and stack stand, follows from the schema alone: a new waiting event needs no code here.
 */
#pragma once
#include <stdbool.h>
#include "record/event.h"

#define WAIT_REASONS(X)                                                                                      \
	X(LOCK, lock)                                                                                        \
	X(CONDITION, condition)                                                                              \
	X(SEMAPHORE, semaphore)                                                                              \
	X(BARRIER, barrier)                                                                                  \
	X(POLL, poll)                                                                                        \
	X(NETWORK, network)                                                                                  \
	X(PIPE, pipe)                                                                                        \
	X(DISK, disk)                                                                                        \
	X(SLEEP, sleep)                                                                                      \
	X(CHILD, child)                                                                                      \
	X(JOIN, join)                                                                                        \
	X(SIGNAL, signal)                                                                                    \
	X(FILE_LOCK, file_lock)                                                                              \
	X(FUTEX, futex)                                                                                      \
	X(FAULT, fault)                                                                                      \
	X(UNSEEN, unseen)                                                                                    \
	X(OTHER, other)

enum wait_reason {
#define REASON_NUMBER(upper, lower) WAIT_##upper,
	WAIT_REASONS(REASON_NUMBER)
#undef REASON_NUMBER
};
enum { WAIT_REASON_COUNT = WAIT_OTHER + 1 };

/* The word of reports and JSON. */
const char *wait_reason_word(enum wait_reason reason);

/* Where the fields of a waiting event stand; -1: it has none such. */
struct wait_shape {
	bool is_wait;
	enum wait_reason reason;
	int8_t object, fd, mutex, stack;
};

struct wait_shapes {
	struct wait_shape by_number[EVENT_NUMBER_LIMIT];
};

/* schema: the file's; a reason that this version does not know is `other`. */
void wait_shapes_init(struct wait_shapes *shapes, const struct event_schema *schema);
