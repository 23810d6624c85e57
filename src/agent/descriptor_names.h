/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor_names.h — what the descriptors of a process stand for, in words. */
#pragma once
#include "agent/recorded.h"

/* Tells the trace the name of the descriptor of a descriptor_seen event, by the process's own word: a path, a socket's peer,
 * or what it is. clock: of the event's time. */
void descriptor_name_tell(const struct recorded *recorded, struct journal *journal, enum trace_clock clock,
			  const struct event *seen);
