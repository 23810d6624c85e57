/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor_names.h — what the descriptors of a process stand for, in words. */
#pragma once
#include "agent/recorded.h"

/* Tells the trace the name of the descriptor of a descriptor_seen event, whose time is of `clock`: a path, a socket's peer,
 * or what it is. The process's own word for the peer, and the kernel's for the rest, when the descriptor still is the same
 * file. */
void descriptor_name_tell(struct recorded *recorded, struct journal *journal, enum trace_clock clock,
			  const struct event *seen);
