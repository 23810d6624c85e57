/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor_identity.h — what a descriptor stands for, asked when a wait for it is about to be written.
 *
 * A number may stand for another open file at any time without a hooked call, so it is looked at anew for each wait
 * (one system call); only what is polled is believed to stay what it was.
 * Threads:  any; what was told is remembered without order between them: at worst something is told twice.
 */
#pragma once
#include "record/event_types.h"
#include "runtime/core/thread.h"

/* Tells the agent what the descriptor is when it is another file than was told last, and returns the wait's event:
 * `event`, or when that is 0 the one that fits what the descriptor is. since: ticks at the wait's start, when it already was
 * that file. Not between record_begin and record_end. */
enum event_number descriptor_identify(struct thread *thread, int fd, enum event_number event, bool is_epoll,
				      uint64_t since);
