/* SPDX-License-Identifier: Apache-2.0 */
/* stress.h — everything at once, for as long as it is told, and a count of what was done.
 *
 * Words:    an actor is what a thread does again and again until the time is over; each has a file, or a part of one.
 *           What a trace must account for is counted in tally: of this process, by any thread, in handlers too.
 * Random:   each actor draws from a sequence of its own, begun by the seed and the actor's number.
 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

struct tally {
	_Atomic uint64_t sleeps; /* off the CPU for SLEEP_NS_LEAST or longer */
	_Atomic uint64_t
		interrupted; /* sleeps that may have been shorter: cut by a signal, a jump, a cancellation */
	_Atomic uint64_t threads; /* that began */
	_Atomic uint64_t locks, hand_overs, bytes, signals, handled, jumps, cancels, children, loads;
};
extern struct tally tally;

enum {
	SLEEP_NS_LEAST = 100000, /* ten times the threshold of a recording */
	FLOOD_SLEEPS = 8000,
};

struct actor {
	void (*play)(struct actor *actor);
	const char *name;
	uint64_t random;
};

int is_over(void);
uint64_t draw(struct actor *actor, uint64_t below);

/* Sleeps SLEEP_NS_LEAST or longer and counts it; safe in a signal handler. */
void sleep_for(uint64_t nanoseconds);

/* Starts a thread, which is counted. */
void start_thread(void *(*body)(void *), void *argument, int is_detached);

/* Whether a recorder shares memory with this process by now; waits for that to become true for so many milliseconds. */
int is_recorded(int patience_ms);

/* The actors. */
void play_locks(struct actor *actor);
void play_conditions(struct actor *actor);
void play_pipes(struct actor *actor);
void play_threads(struct actor *actor);
void play_cancels(struct actor *actor);
void play_jumps(struct actor *actor);
void play_children(struct actor *actor);
void play_libraries(struct actor *actor);
void play_signals(struct actor *actor); /* at the threads that asked for them */
void play_flood(struct actor *actor);   /* nothing but sleeps, as many as there can be */

/* The calling thread may get SIGUSR1 from now on; until its end. */
void welcome_signals(void);
void refuse_signals(void);
void signals_init(void);

/* What a child process does: `stress child`. */
int child_main(void);

/* One line: the pid and what was counted. */
void print_tally(void);
