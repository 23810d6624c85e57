/* SPDX-License-Identifier: Apache-2.0 */
/* record.h — writing one event into the chunk of the calling thread.
 *
 *	struct event_cursor *cursor = record_begin(thread, EVENT_GAP_MAX, clock);
 *	if (cursor) {
 *		event_put_gap(cursor, …);
 *		record_end(thread);
 *	}
 *
 * Nothing of the host is called between the two, and nothing of the guest is held when they are over.
 * A signal handler that interrupts the pair finds `writer` set and leaves its own event out (LOSS_NESTED). A handler
 * that jumps out of it (siglongjmp) leaves `writer` set for ever; so it is an address on the stack: a later writer
 * that stands at or above it on the same stack, and not on a signal stack (which may lie inside the thread's own),
 * knows that the frame it names is gone, and begins a new chunk. Should it be wrong all the same, the earlier writer
 * finds at its end that it was given up, and takes its event back.
 *
 * Full:     the event is dropped and counted.
 * Threads:  the calling thread's own chunk; safe in a signal handler.
 */
#pragma once
#include "record/event_types.h"
#include "runtime/core/thread.h"

/* Room for an event of at most `most` bytes with times of `clock`; NULL when it is dropped. */
struct event_cursor *record_begin(struct thread *thread, size_t most, enum trace_clock clock);

/* For who changes the thread's state without writing an event: whether nobody is in the middle of it. */
bool record_claim(struct thread *thread);
void record_release(struct thread *thread);

/* Makes the event visible to the agent. */
void record_end(struct thread *thread);

/* Counts an event that is not written. */
void record_lost(enum arena_loss reason);
