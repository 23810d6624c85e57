/* SPDX-License-Identifier: Apache-2.0 */
/* drain.h — takes the events that a process wrote out of its arena and into the trace.
 *
 * Order:    per thread, events reach the trace as they were written: full chunks come on the list in order, and the
 *           chunk being written is read only when no full one is still to come.
 * Hostile:  events are copied out before they are looked at, decoded whole, and only then written. Bytes that do not
 *           decode end the reading of their chunk and are counted as lost.
 */
#pragma once
#include "agent/recorded.h"

/* Everything committed so far. Returns the number of events. */
uint64_t drain_process(struct recorded *recorded, struct journal *journal);

/* After the process is gone: also what it had not come to hand over. */
uint64_t drain_rest(struct recorded *recorded, struct journal *journal);
