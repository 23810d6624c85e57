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

/* The number of a slot that nobody uses, 0 when there is none. For the creator of a thread. */
uint32_t thread_slot_take(void);
/* Undoes it when no thread came to be. */
void thread_slot_give_back(uint32_t slot);

/* In a new thread: begins to record in the slot. root_frame: frame under which there is nothing of the program's. */
void thread_begin(uint32_t slot, const void *root_frame);

/* Writes the thread's totals and leaves its slot to the agent; the thread records no more. */
void thread_end(void);
