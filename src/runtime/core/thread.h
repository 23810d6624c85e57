/* SPDX-License-Identifier: Apache-2.0 */
/* thread.h — what the guest keeps for each thread of the host, and the one test that begins every hook.
 *
 * Words:    a thread is awake when it records; the process is awake when it has an arena. Each hello gives the
 *           process a new epoch, and a thread records only while its own epoch is the process's: so a fork's child,
 *           whose process word the kernel wipes, finds all its threads asleep without a handler having run.
 *           A room is what a thread needs beyond its TLS: private memory outside any stack, three pages.
 * Threads:  a thread touches its own state only. A signal handler may find it half-written: see record.h.
 * Promise:  256 bytes of TLS (initial-exec: the loader may be out of more when the library comes late). Nothing here
 *           allocates from the host or changes errno.
 * Full:     no thread slot left: the thread stays asleep until there is one, counted once as LOSS_NO_THREAD_SLOT.
 */
#pragma once
#include <stdbool.h>
#include "record/arena.h"
#include "runtime/core/left_cpu.h"
#include "runtime/core/quick_words.h"

/* Values of thread.epoch that no process has. */
#define THREAD_NEW   UINT32_MAX       /* never asked */
#define THREAD_ENDED (UINT32_MAX - 1) /* its last event is written */
#define THREAD_LENT  (UINT32_MAX - 2) /* a vfork child runs in its place */

struct room;

struct thread {
	/* hot: every hook */
	uint32_t epoch;
	uint8_t clock;        /* enum trace_clock of the current chunk */
	bool is_blind;        /* no rseq area: every call may have left the CPU */
	bool is_without_slot; /* when it asked last; counted */
	uint64_t last_ticks;  /* the last moment this thread is known to have been on the CPU */

	/* warm: every event */
	uintptr_t
		writer; /* stack address of who is writing an event or waking the thread up, 0 nobody (record.h) */
	struct event_cursor cursor;
	uint8_t *chunk_end;
	struct chunk *chunk;
	struct room *room;
	uintptr_t stack_low, stack_high; /* the thread's own stack; both 0 when not known */

	/* cold: CPU accounting since `base_ticks` (off_cpu.h) */
	uint64_t base_ticks, base_cpu_ns, waited_ticks;
	uint64_t voluntary, involuntary, major_faults; /* as getrusage told them then */
	uint64_t looked_voluntary;                     /* voluntary switches when getrusage was asked last */
	uint64_t short_ticks;
	uint32_t short_count, left_calls, wait_cpu_ticks;

	/* cold: identity */
	uint32_t slot, generation, sequence, tid;
};
_Static_assert(sizeof(struct thread) <= 256, "initial-exec TLS is scarce");

extern _Thread_local struct thread guest_thread
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/* thread_awake when its quick test said no: the process may have to say hello, or the thread to take a slot. */
struct thread *thread_wake(uint32_t process_word);

/* The calling thread when it records, else NULL. */
static inline struct thread *thread_awake(void)
{
	uint32_t word = process_word();
	if (__builtin_expect(guest_thread.epoch == word, 1))
		return &guest_thread;
	return word == PROCESS_ASLEEP ? NULL : thread_wake(word);
}

/* Whether the calling thread records: for the end of a hook, which wakes nothing. The program may have forked or ended
 * the recording inside the call. */
static inline bool thread_is_awake(const struct thread *thread)
{
	return thread->epoch == process_word();
}

/* Whether the calling thread has begun to record in this process, and has been on the CPU since its last hook: then a
 * hook has nothing to tell yet. (A thread that began under an earlier agent and never left the CPU since passes too,
 * and begins again when it does.) */
static inline bool thread_is_undisturbed(void)
{
	return __builtin_expect(!left_cpu_look(), 1);
}

static inline uint64_t thread_ticks(const struct thread *thread)
{
	return clock_ticks((enum trace_clock)thread->clock);
}
