/* SPDX-License-Identifier: Apache-2.0 */
/* idle.h — which waits are a thread's habitual wait for work, and so no loss of time.
 *
 * Words:    a call site here is a thread's waits of one reason with one stack, whatever their object. A thread's
 *           home is the one to which it returns for work: an event loop's poll, an accept, a pool worker's condition.
 * Rule:     a life wait (sleep, child, join, signal) is idle when it takes at least half of the thread's life and is
 *           not further from the thread's root than its home: that would be inside work. A loop wait (poll,
 *           condition, semaphore, a socket without a peer) is idle at the thread's home alone: of the habitual ones
 *           the one nearest to the thread's root, and by rank of reason where a stack is cut. Nothing else is ever
 *           idle: not locks, disks, peers, pipes, unseen time. Reasons: docs/report.md.
 */
#pragma once
#include "trace/model/ledger.h"
#include "trace/read/survey.h"

enum {
	IDLE_HABIT_COUNT = 3,    /* waits that make a habit, */
	IDLE_HABIT_PERCENT = 10, /* or this part of the thread's life */
	IDLE_LIFE_PERCENT = 50,
};

/* Sets is_idle of every site; call once on a finished ledger. */
void idle_mark(const struct survey *survey, struct ledger *ledger);
