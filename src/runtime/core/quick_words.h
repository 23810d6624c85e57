/* SPDX-License-Identifier: Apache-2.0 */
/* quick_words.h — all that the straight path of a hook reads, on one line of the cache.
 *
 * Between two calls of a busy server the kernel goes through more memory than the first cache holds, so there a hook
 * costs by the lines that it touches, more than by its instructions. The words stand in a page that the kernel empties
 * in every child (MADV_WIPEONFORK; fork, _Fork and clone alike): a child finds PROCESS_WIPED, no thread's area, and
 * no hints, which belonged to its parent's calls.
 *
 * Threads:  the process word changes by compare and swap or by its one writer (process.h). What follows it is written
 *           when a thread begins to record, always with the same values. Hints have no order: a lost update costs a
 *           reading of the clock.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Values of the process word; an epoch is greater than all of them. */
enum {
	PROCESS_WIPED = 0, /* just forked: nobody has said hello for this process */
	PROCESS_ASLEEP = 1,
	PROCESS_RETRY = 2, /* asleep, but the agent was only slow: try again later */
	PROCESS_FIRST_EPOCH = 3,
};

enum { QUICK_WORDS_SIZE = 4096, HINTED_DESCRIPTORS = QUICK_WORDS_SIZE - 3 * 8 };

struct quick_words {
	_Atomic uint32_t process_word;
	ptrdiff_t left_cpu_offset;         /* left_cpu.h; 0: no thread here has begun to record */
	const char *is_single_threaded;    /* direct.h; where 1 stands while the program has one thread */
	uint8_t hints[HINTED_DESCRIPTORS]; /* descriptor.h, by the number of the descriptor */
};
_Static_assert(sizeof(struct quick_words) == QUICK_WORDS_SIZE, "a page, for madvise");

extern struct quick_words quick_words __attribute__((visibility("hidden")));

/* PROCESS_ASLEEP ends a hook: one load, one branch. */
static inline uint32_t process_word(void)
{
	return atomic_load_explicit(&quick_words.process_word, memory_order_relaxed);
}
