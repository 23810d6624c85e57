/* SPDX-License-Identifier: Apache-2.0 */
/* event — nanoseconds to write one event: a reading of the clock, the bytes, the commit, and its part of
 * turning chunks; the stack not.
 *
 * usage: event
 *
 * Waits of 10 µs to milliseconds, as long after each other, from a table of random ones; the clock is read
 * for each and the time of the table added. The quickest of many short loops counts; loops of the different
 * kinds are in turn.
 */
#include "own_arena.h"
#include "runtime/core/record.h"

enum { EVENTS = 2000, LOOPS = 4000, SAMPLES = 1024, LOCKS = 64, STACKS = 200 };

static struct sample {
	uint64_t gap, duration; /* ticks */
	uint64_t lock, stack;
	int64_t fd;
} samples[SAMPLES];

static struct thread *thread;
static uint64_t skew; /* ticks by which the times written are ahead of the clock */

/* xorshift: the same samples each time. */
static uint64_t random_below(uint64_t limit)
{
	static uint64_t state = 88172645463325252u;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % limit;
}

/* Ticks of some 20 ns: mostly tens of microseconds, now and then milliseconds. */
static uint64_t some_ticks(void)
{
	return 500 + random_below(16 << random_below(14));
}

static void make_samples(void)
{
	for (int i = 0; i < SAMPLES; i++)
		samples[i] = (struct sample){some_ticks(), some_ticks(),
					     0x7f31c4001000 + random_below(LOCKS) * 192,
					     1 + random_below(STACKS), 5 + (int64_t)random_below(300)};
}

static uint64_t read_clock(const struct sample *sample)
{
	skew += sample->gap + sample->duration;
	return thread_ticks(thread) + skew;
}

#define LOOP(name, max, ...)                                                                                 \
	static void name(void)                                                                               \
	{                                                                                                    \
		for (int i = 0; i < EVENTS; i++) {                                                           \
			const struct sample *sample = &samples[i % SAMPLES];                                 \
			uint64_t now = read_clock(sample);                                                   \
			struct event_cursor *cursor = record_begin(thread, max, thread->clock);              \
			if (!cursor)                                                                         \
				abort();                                                                     \
			__VA_ARGS__;                                                                         \
			record_end(thread);                                                                  \
		}                                                                                            \
	}

LOOP(poll_wait, EVENT_POLL_WAIT_MAX,
     event_put_poll_wait(cursor, now - sample->duration, sample->duration, sample->fd, sample->stack))
LOOP(lock_wait, EVENT_LOCK_WAIT_MAX,
     event_put_lock_wait(cursor, now - sample->duration, sample->duration, sample->lock, sample->stack))
LOOP(lock_release, EVENT_LOCK_RELEASE_MAX, event_put_lock_release(cursor, now, sample->lock, sample->stack))

static void clock_alone(void)
{
	for (int i = 0; i < EVENTS; i++) {
		uint64_t now = read_clock(&samples[i % SAMPLES]);
		__asm__ volatile("" : : "r"(now));
	}
}

static struct kind {
	const char *name;
	void (*loop)(void);
	uint64_t least;
	unsigned chunks;
} kinds[] = {
	{"clock alone", clock_alone, UINT64_MAX, 0},
	{"poll_wait", poll_wait, UINT64_MAX, 0},
	{"lock_wait", lock_wait, UINT64_MAX, 0},
	{"lock_release", lock_release, UINT64_MAX, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

int main(void)
{
	thread = own_arena_begin();
	make_samples();
	for (int i = 0; i < LOOPS * KINDS; i++) {
		struct kind *kind = &kinds[i % KINDS];
		uint64_t start = clock_monotonic_ns();
		kind->loop();
		uint64_t took = clock_monotonic_ns() - start;
		kind->least = took < kind->least ? took : kind->least;
		kind->chunks += own_arena_drain();
	}
	for (int i = 0; i < KINDS; i++)
		printf("%-16s %8.2f ns, %.1f bytes\n", kinds[i].name, (double)kinds[i].least / EVENTS,
		       (double)kinds[i].chunks / LOOPS * CHUNK_EVENT_BYTES / EVENTS);
	return 0;
}
