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

/* What a wait says of the lane that waits, so that habitual waits for work can be told from losses: analyse/idle.h. */
enum wait_habit {
	HABIT_NEVER, /* somebody or something is in the way */
	HABIT_LIFE,  /* for a time, an end, a signal */
	HABIT_LOOP,  /* for work, at the place to which it returns */
};

/* The reasons of a trace: those above, and behind them the words of a runtime that has its own. */
struct wait_reasons {
	struct runtime_reason {
		const char *word; /* borrowed from the survey */
		enum wait_habit habit;
	} * more;
	size_t more_count, more_capacity;
};

/* Beyond as many the rest is WAIT_OTHER. */
enum { WAIT_REASONS_MAX = 256 };

/* All zero has those above. */
void wait_reasons_fini(struct wait_reasons *reasons);

/* The number of a runtime's reason, which must be new. */
uint16_t wait_reasons_add(struct wait_reasons *reasons, const char *word, enum wait_habit habit);

/* The word of reports and JSON. */
const char *wait_reason_word(const struct wait_reasons *reasons, unsigned reason);

/* How many there are. */
static inline unsigned wait_reasons_count(const struct wait_reasons *reasons)
{
	return WAIT_REASON_COUNT + (unsigned)reasons->more_count;
}

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
