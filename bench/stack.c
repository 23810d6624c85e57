/* SPDX-License-Identifier: Apache-2.0 */
/* stack — nanoseconds to capture a stack of 16 frames and find its number, when it was seen before.
 *
 * usage: stack
 *
 * A chain of calls 16 deep, at each level one of two functions by a bit of the path, the lowest next to the
 * leaf: different stacks have their outer frames in common, as those of a program have. What the chain takes
 * without the capture is measured in turn and taken off. The quickest of many short loops counts.
 */
#include "own_arena.h"
#include "runtime/unwind/stack_capture.h"

enum { DEPTH = 16, OWN_FRAMES = 7, VISITS = 1024, LOOPS = 2000 }; /* visit to _start: the program's own */

/* Whether these keep frame pointers makes no difference; that of a hook must. */
#define FRAME __attribute__((noinline, optimize("no-optimize-sibling-calls")))
#define HOOK  __attribute__((noinline, optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")))

static struct thread *thread;
static uint32_t last_stack;

static FRAME void leave_alone(void)
{
	__asm__ volatile("");
}

static HOOK void capture(void)
{
	last_stack = stack_capture(thread, __builtin_frame_address(0));
}

static void descend(unsigned path, unsigned frames, void (*leaf)(void));

static FRAME void go_left(unsigned path, unsigned frames, void (*leaf)(void))
{
	descend(path, frames, leaf);
	__asm__ volatile("");
}

static FRAME void go_right(unsigned path, unsigned frames, void (*leaf)(void))
{
	descend(path, frames, leaf);
	__asm__ volatile("");
}

static inline __attribute__((always_inline)) void descend(unsigned path, unsigned frames, void (*leaf)(void))
{
	if (frames == 1)
		leaf();
	else if (path >> (frames - 2) & 1)
		go_left(path, frames - 1, leaf);
	else
		go_right(path, frames - 1, leaf);
}

static FRAME void visit(unsigned paths, void (*leaf)(void))
{
	for (unsigned i = 0; i < VISITS; i++)
		descend(i * 40503 % paths, DEPTH - OWN_FRAMES + 1, leaf);
}

static FRAME double least_ns(unsigned paths, void (*leaf)(void), double least)
{
	uint64_t start = clock_monotonic_ns();
	visit(paths, leaf);
	double ns = (double)(clock_monotonic_ns() - start) / VISITS;
	return ns < least ? ns : least;
}

/* How many frames the stack has that was captured last. */
static unsigned frames_of(uint32_t node)
{
	unsigned frames = 0;
	for (; node; node = arena_node(&guest_process.arena, node)->parent)
		frames++;
	return frames;
}

static FRAME void measure(unsigned paths)
{
	double with = 1e9, without = 1e9;
	for (int i = 0; i < LOOPS; i++) {
		without = least_ns(paths, leave_alone, without);
		with = least_ns(paths, capture, with);
	}
	if (frames_of(last_stack) != DEPTH) {
		fprintf(stderr, "the stack has %u frames\n", frames_of(last_stack));
		exit(1);
	}
	printf("%3u stacks in turn %8.2f ns (with the calls that make them %.2f, these alone %.2f)\n", paths,
	       with - without, with, without);
}

int main(void)
{
	thread = own_arena_begin();
	for (unsigned paths = 1; paths <= 256; paths *= 4)
		measure(paths);
	return 0;
}
