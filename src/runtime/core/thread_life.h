/* SPDX-License-Identifier: Apache-2.0 */
/* thread_life.h — how threads come and go.
 *
 * A thread that pthread_create starts gets its slot from its creator, so that its room can carry what it has to
 * know. Any other thread takes a slot at its first hooked call (thread_wake). A thread ends in the last round of its
 * TLS destructors.
 *
 * Threads:  the thread concerned, except where said. Promise: errno is kept.
 */
#pragma once
#include "runtime/core/thread.h"

/* Once, at load, before the process says hello. */
void thread_init(void);

/* Bytes of stack that a thread gets whose creator did not say. */
extern size_t thread_default_stack_size;

struct room;

/* A room with a slot that nobody uses; NULL when there is none left. For the creator of a thread. */
struct room *thread_place_take(void);
/* Undoes it when no thread came to be. */
void thread_place_give_back(struct room *room);

/* In a new thread: begins to record in the room. first_frame: of the guest's start routine. */
void thread_begin(struct room *room, const void *first_frame);

/* Writes the thread's totals and leaves its slot to the agent; the thread records no more. */
void thread_end(void);
