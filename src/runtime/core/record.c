/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/record.h"
#include <signal.h>
#include "runtime/core/process.h"
#include "runtime/core/syscall.h"

void record_lost(enum arena_loss reason)
{
	atomic_fetch_add_explicit(&guest_process.arena.header->lost[reason], 1, memory_order_relaxed);
}

/* The number of a chunk that nobody uses, 0 when there is none. */
static uint32_t chunk_take(const struct arena *arena)
{
	uint32_t number = arena_list_pop(&arena->header->free_chunks, arena, arena_next_chunk);
	return number ? number : arena_take_fresh(&arena->header->chunks_used, arena->chunk_count);
}

/* Gives the thread an empty chunk and the agent the old one. The new one is published first: the agent tells by the
 * sequence numbers that one is still to come on the list. */
static bool chunk_turn(struct thread *thread)
{
	const struct arena *arena = &guest_process.arena;
	struct arena_header *header = arena->header;
	uint32_t clock = atomic_load_explicit(&header->clock, memory_order_relaxed);
	if (confinement_holds() && clock != TRACE_CLOCK_TSC)
		process_sleep(); /* reading any other clock may be a system call */
	uint32_t number =
		atomic_load_explicit(&header->is_recording, memory_order_relaxed) ? chunk_take(arena) : 0;
	if (!number) {
		process_check_agent();
		record_lost(LOSS_NO_CHUNK);
		return false;
	}
	struct thread_slot *slot = &arena->threads[thread->slot - 1];
	struct chunk *chunk = arena_chunk(arena, number);
	uint32_t old_number = atomic_load_explicit(&slot->chunk, memory_order_relaxed);
	struct chunk *old = arena_chunk(arena, old_number);

	thread->clock = clock_of(clock);
	uint64_t now = thread_ticks(thread);
	/* Old bytes must never be read under the new header: a full barrier for the processor, the other for the compiler. */
	atomic_store_explicit(&chunk->committed, 0, memory_order_seq_cst);
	atomic_signal_fence(memory_order_seq_cst);
	chunk->thread = thread->slot;
	chunk->generation = thread->generation;
	chunk->sequence = thread->sequence++;
	chunk->clock = thread->clock;
	chunk->start_ticks = now;
	atomic_store_explicit(&slot->chunk, number, memory_order_release);
	if (old)
		arena_list_push(&header->full_chunks, old_number, &old->next);

	thread->chunk = chunk;
	thread->chunk_end = chunk->events + CHUNK_EVENT_BYTES;
	thread->cursor = (struct event_cursor){chunk->events, {now, 0}};
	return true;
}

static bool is_first_event(const struct thread *thread)
{
	return thread->sequence == 1 && thread->cursor.at == thread->chunk->events;
}

/* One thread a second puts in front of an event what the ticks mean; nothing stands before a thread's first, nothing
 * behind its last. */
static void pair_when_due(struct thread *thread)
{
	struct arena_header *header = guest_process.arena.header;
	uint64_t due = atomic_load_explicit(&header->next_pair_ticks, memory_order_relaxed);
	uint64_t now = thread->cursor.registers.time;
	if (__builtin_expect(now < due, 1) || confinement_holds() || is_first_event(thread) ||
	    !atomic_compare_exchange_strong(&header->next_pair_ticks, &due,
					    now + header->ticks_per_second[thread->clock]))
		return;
	struct clock_pair pair = clock_take_pair((enum trace_clock)thread->clock);
	event_put_clock_pair(&thread->cursor, pair.ticks, pair.monotonic_ns, pair.uncertainty_ns);
}

static bool on_own_stack(const struct thread *thread, uintptr_t address)
{
	return address >= thread->stack_low && address < thread->stack_high;
}

/* Yes when the kernel does not say. */
static bool on_signal_stack(void)
{
	stack_t stack = {0};
	return syscall_3(SYS_sigaltstack, 0, (long)&stack, 0) || (stack.ss_flags & SS_ONSTACK);
}

/* Whether the frame that was writing cannot be returned to any more. */
static bool is_writer_gone(const struct thread *thread, uintptr_t here)
{
	return on_own_stack(thread, here) && on_own_stack(thread, thread->writer) && here >= thread->writer &&
	       !on_signal_stack();
}

static bool claim(struct thread *thread, uintptr_t here)
{
	if (__builtin_expect(thread->writer != 0, 0)) {
		if (!is_writer_gone(thread, here))
			return false;
		thread->chunk_end = thread->cursor.at; /* full, now and when there is no other chunk yet */
	}
	thread->writer = here;
	atomic_signal_fence(memory_order_seq_cst);
	return true;
}

bool record_claim(struct thread *thread)
{
	return claim(thread, (uintptr_t)__builtin_frame_address(0));
}

void record_release(struct thread *thread)
{
	atomic_signal_fence(memory_order_seq_cst);
	thread->writer = 0;
}

struct event_cursor *record_begin(struct thread *thread, size_t most, enum trace_clock clock)
{
	if (!claim(thread, (uintptr_t)__builtin_frame_address(0))) {
		record_lost(LOSS_NESTED);
		return NULL;
	}
	size_t room = (size_t)(thread->chunk_end - thread->cursor.at);
	if (__builtin_expect(room < most + EVENT_CLOCK_PAIR_MAX, 0) && !chunk_turn(thread)) {
		thread->writer = 0;
		return NULL;
	}
	if (__builtin_expect(thread->clock != clock, 0)) {
		record_lost(LOSS_CLOCK_CHANGED);
		thread->last_ticks = thread->base_ticks = thread_ticks(thread);
		thread->writer = 0;
		return NULL;
	}
	pair_when_due(thread);
	return &thread->cursor;
}

/* The event is not where it should be. */
static __attribute__((noinline, cold)) void take_back(struct thread *thread)
{
	if (thread->writer) {
		process_switch_off();
	} else { /* a handler's event took it for torn: the cursor is neither's */
		record_lost(LOSS_NESTED);
		thread->chunk_end = thread->cursor.at = NULL;
	}
	thread->writer = 0;
}

void record_end(struct thread *thread)
{
	size_t committed = (size_t)(thread->cursor.at - thread->chunk->events);
	if (__builtin_expect(!thread->writer || committed > CHUNK_EVENT_BYTES - EVENT_CLOCK_PAIR_MAX, 0)) {
		take_back(thread);
		return;
	}
	atomic_store_explicit(&thread->chunk->committed,
			      (uint32_t)(thread->cursor.at - thread->chunk->events), memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	thread->writer = 0;
}
