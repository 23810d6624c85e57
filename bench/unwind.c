/* SPDX-License-Identifier: Apache-2.0 */
/* unwind — nanoseconds to walk a stack of 34 frames, by what is known of it beforehand, and by others' walkers.
 *
 * usage: unwind
 *
 * A recursion over functions of different frame sizes, built without frame pointers (unwind_frames.c), with those of main and
 * libc 34 deep. The quickest of many short loops counts. "new" frames are those that the last walk did not have.
 */
#include "own_arena.h"
#include <dlfcn.h>
#include "runtime/core/room.h"
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/stack_capture.h"
#include "runtime/unwind/stack_walk.h"
#include "unwind_frames.h"
#ifdef TB_HAS_LIBUNWIND
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#endif

enum { DEPTH = 34, VISITS = 100, LOOPS = 2000, MOST = 128 };

#define HOOK __attribute__((noinline, optimize("no-omit-frame-pointer")))

static struct thread *thread;
static const void *leaf_frame;
static void *addresses[MOST];
static volatile uint32_t sink;

static void forget(unsigned frames)
{
	struct memo *memo = &thread->room->memo;
	memo->firm = memo->firm > frames ? memo->firm - frames : 0;
}

static void walk(unsigned new_frames)
{
	forget(new_frames);
	sink = (uint32_t)stack_walk(thread, &thread->room->memo, stack_start_at_hook(leaf_frame));
}

static void walk_and_intern(unsigned new_frames)
{
	forget(new_frames);
	sink = stack_capture(thread, leaf_frame);
}

static int (*glibc_backtrace)(void **, int); /* libunwind has a function of that name, too */

static void walk_by_glibc(unsigned unused)
{
	(void)unused;
	sink = (uint32_t)glibc_backtrace(addresses, MOST);
}

#ifdef TB_HAS_LIBUNWIND
static void walk_by_libunwind(unsigned unused)
{
	(void)unused;
	sink = (uint32_t)unw_backtrace(addresses, MOST);
}
#endif

/* What a walker does that trusts every frame pointer, as far as the thread's stack goes. */
static void walk_by_frame_pointers(unsigned unused)
{
	(void)unused;
	const uint64_t *frame = leaf_frame;
	unsigned count = 0;
	for (;;) {
		addresses[count++] = (void *)frame[1];
		const uint64_t *caller = (const uint64_t *)frame[0];
		if (caller <= frame || (uintptr_t)caller > thread->stack_high - 16 || count == MOST)
			break;
		frame = caller;
	}
	sink = count;
}

static void measure(const char *what, void (*act)(unsigned), unsigned argument)
{
	double least = 1e9;
	for (int i = 0; i < LOOPS; i++) {
		uint64_t start = clock_monotonic_ns();
		for (int j = 0; j < VISITS; j++)
			act(argument);
		double ns = (double)(clock_monotonic_ns() - start) / VISITS;
		least = ns < least ? ns : least;
	}
	printf("%-44s %9.1f ns\n", what, least);
}

static HOOK void at_leaf(void)
{
	leaf_frame = __builtin_frame_address(0);
	walk_and_intern(0);
	uint32_t count = thread->room->memo.count;
	if (count != DEPTH) {
		fprintf(stderr, "the stack has %u frames\n", count);
		exit(1);
	}
	measure("walk, the same stack", walk, 0);
	measure("walk, 2 new frames", walk, 2);
	measure("walk, 6 new frames", walk, 6);
	measure("walk and intern, 2 new frames", walk_and_intern, 2);
	measure("walk, empty memo", walk, MOST);
	rule_cache_unload_begin(); /* while something is unloaded every rule is made anew */
	measure("walk, empty cache", walk, MOST);
	rule_cache_unload_end();
#ifdef TB_HAS_LIBUNWIND
	measure("libunwind, unw_backtrace", walk_by_libunwind, 0);
#endif
	measure("glibc, backtrace", walk_by_glibc, 0);
}

static HOOK void at_leaf_of_frame_pointers(void)
{
	leaf_frame = __builtin_frame_address(0);
	walk_by_frame_pointers(0);
	printf("(frame pointers: %u frames)\n", sink);
	measure("raw frame pointers, code that has them", walk_by_frame_pointers, 0);
}

int main(void)
{
	thread = own_arena_begin();
	glibc_backtrace = (int (*)(void **, int))dlsym(dlopen("libc.so.6", RTLD_NOW), "backtrace");
	enum { OWN_FRAMES = 5 }; /* main and libc's three, and the first of the recursion */
	frames_without_pointers(DEPTH - OWN_FRAMES, at_leaf);
	frames_with_pointers(DEPTH - OWN_FRAMES, at_leaf_of_frame_pointers);
	return 0;
}
