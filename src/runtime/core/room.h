/* SPDX-License-Identifier: Apache-2.0 */
/* room.h — what a thread needs beyond its TLS: three pages of the guest's private memory.
 *
 * The guest alone says whose a room is: the arena, where another process can write, decides nothing that the host's threads
 * start with. A room is free again as soon as its thread has ended, whatever the agent does, and the last one is taken
 * first: as many pages are touched as threads ever lived at once.
 *
 * Threads:  room_take and room_give_back by any thread and in signal handlers, rooms_renew by the only one. The rest is the
 *           owner's; between pthread_create and the start of the new thread, the creator's.
 */
#pragma once
#include <assert.h>
#include "runtime/core/process.h"
#include "runtime/unwind/memo.h"

/* A thread has three pages. */
enum { ROOM_SIZE = 3 * 4096 };

struct room {
	/* what a thread that is about to start has to know */
	void *(*start)(void *);
	void *argument;
	uint32_t creator_tid, creation_stack;
	size_t stack_size;
	uint32_t slot; /* the thread's in the arena */

	_Atomic uint32_t next; /* in the list of free ones */

	/* unwinding; guarded by thread.writer */
	struct memo memo;
};
static_assert(sizeof(struct room) <= ROOM_SIZE, "three pages");

/* NULL when there is none left. What stands in it is its last owner's. */
struct room *room_take(void);
void room_give_back(struct room *room);

/* All rooms are free, and there are as many as this: for a process that was just forked or loaded. 0, or -1 when the kernel has no
 * memory for them. */
int rooms_renew(uint32_t count);
