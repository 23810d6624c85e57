/* SPDX-License-Identifier: Apache-2.0 */
/* thread_start.h — a thread of the host starts: its creator prepares a room, the new thread begins in it.
 *
 * Threads:  prepare and undo by the creator, run by the new thread. Errno is kept. The host's allocator is not called.
 */
#pragma once
#include <pthread.h>
#include "runtime/core/room.h"

/* What the new thread is to run; NULL when there is no slot left (counted): start it without us. */
struct room *thread_start_prepare(struct thread *creator, const pthread_attr_t *attributes,
				  void *(*start)(void *), void *argument, const void *frame);

/* No thread came to be. */
void thread_start_undo(struct room *room);

/* The start routine of the new thread. */
void *thread_start_run(void *room);
