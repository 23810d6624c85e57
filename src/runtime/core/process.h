/* SPDX-License-Identifier: Apache-2.0 */
/* process.h — the host process as a whole: its arena, how it meets the agent, and when it sleeps.
 *
 * Life:     asleep → hello (at start, after fork, or again later when the agent was slow) → awake → asleep when the
 *           agent says that the recording is over, or is gone.
 * Threads:  any thread may say hello; one does, the others stay asleep meanwhile. Safe in a signal handler: system
 *           calls only.
 * Promise:  waits at most HELLO_WAIT_US, all hellos of a process together; keeps no descriptor; what cannot be checked
 *           (sizes, seals, credentials) is refused.
 */
#pragma once
#include "record/arena.h"
#include "runtime/core/thread.h"

/* What threads keep outside their TLS (room.h): pages in memory of the guest's own, numbered from 1. */
struct room_pool {
	uint8_t *rooms; /* `count` of ROOM_SIZE, touched on first use */
	uint32_t count;
	_Atomic uint32_t used; /* how many were ever taken */
	arena_list free;
};

struct process {
	struct arena arena;
	struct room_pool pool;
	uint32_t pid; /* of the process that was welcomed last: this one, or while it was not an ancestor */
	uint32_t agent_pid;              /* 0 when it lives in another pid namespace */
	_Atomic uint64_t agent_asked_ns; /* when it was last looked whether the agent lives */
};

extern struct process guest_process;

/* Hellos wait so many times as long: for tests whose agent a sanitizer slows down. 1 to 200. */
extern unsigned process_patience;

/* Reads the environment, makes the word of the process one that children find wiped, says hello. Called once, at
 * load. */
void process_init(void);

/* Says hello when the process word says that nobody has, or that it is time to try again. */
void process_hello(void);

/* Called when the arena is full: when the agent is gone or has ended the recording, the process goes to sleep. */
void process_check_agent(void);

/* Tells the agent that a process will run a program that is not recorded (unseen_notice in hello.h). Waits for nobody. */
void process_tell_unseen(uint32_t pid, uint32_t kind, const char *path);

/* The process sleeps for good, and its children. */
void process_give_up(void);

/* The same because the guest's own state makes no sense: counted as LOSS_INCONSISTENT. */
void process_switch_off(void);

/* In the child of a fork in the middle of an event: lets what was being written end, in memory that nobody reads. */
void process_cover_arena(const struct arena *parents);

static inline void process_sleep(void)
{
	atomic_store_explicit(&quick_words.process_word, PROCESS_ASLEEP, memory_order_relaxed);
}
