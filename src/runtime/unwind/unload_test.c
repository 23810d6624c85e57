/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries come and go at the same addresses while threads walk their stacks, against glibc's backtrace(). */
#include "runtime/core/test_process.h"
#include <dlfcn.h>
#include <execinfo.h>
#include <time.h>
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/stack_walk.h"

enum { THREADS = 4, MOST = 64, SECONDS = 2 };

struct walker {
	pthread_t thread;
	struct thread state;
	struct memo memo;
	unsigned seed;
	unsigned long walks, reused, wrong;
	uintptr_t last_address[2]; /* where each library lay the last time */
};

static __attribute__((noinline, optimize("no-omit-frame-pointer"))) void leaf(void *walker_)
{
	struct walker *walker = walker_;
	void *peers[MOST];
	enum stack_end end =
		stack_walk(&walker->state, &walker->memo, stack_start_at_hook(__builtin_frame_address(0)));
	int in_front = 1,
	    count = backtrace(peers, MOST); /* this function, and what a sanitizer puts around the peer */
	while (in_front < count &&
	       (uintptr_t)peers[in_front] != walker->memo.frames[walker->memo.count - 1].pc)
		in_front++;
	count -= in_front;
	bool is_same = end == STACK_WHOLE && (int)walker->memo.count == count;
	for (int i = 0; is_same && i < count; i++)
		is_same = walker->memo.frames[count - 1 - i].pc == (uintptr_t)peers[in_front + i];
	walker->walks++;
	walker->wrong += !is_same;
}

/* Loads one of the two, has it call the leaf, and unloads it as the guest's hook of dlclose does. */
static void visit(struct walker *walker, unsigned which)
{
	static const char *const paths[] = {TB_PLUGIN_SMALL, TB_PLUGIN_LARGE};
	void *handle = dlopen(paths[which], RTLD_NOW | RTLD_LOCAL);
	assert_non_null(handle);
	void (*call)(void (*)(void *), void *, int) =
		(void (*)(void (*)(void *), void *, int))dlsym(handle, "plugin_call");
	walker->last_address[which] = (uintptr_t)call;
	walker->reused += walker->last_address[0] == walker->last_address[1];
	for (int i = 0; i < 3; i++)
		call(leaf, walker, (int)(rand_r(&walker->seed) % 4));
	rule_cache_unload_begin();
	dlclose(handle);
	rule_cache_unload_end();
}

static void *storm(void *walker_)
{
	struct walker *walker = walker_;
	test_stack_bounds(&walker->state);
	struct timespec now, until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SECONDS;
	do {
		for (unsigned i = 0; i < 10; i++)
			visit(walker, rand_r(&walker->seed) % 2);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < until.tv_sec);
	return NULL;
}

static void a_library_in_the_place_of_another_has_its_own_rules(void **state)
{
	(void)state;
	static struct walker walker;
	stack_walk_init(NULL);
	test_stack_bounds(&walker.state);
	for (unsigned i = 0; i < 300; i++) /* more than there are generations */
		visit(&walker, i % 2);
#ifndef __SANITIZE_ADDRESS__ /* which lets no address be used again so soon */
	assert_in_range(walker.reused, 100, 300);
#endif
	assert_int_equal(walker.walks, 900);
	assert_int_equal(walker.wrong, 0);
}

static void a_storm_of_loading_and_unloading_gives_no_wrong_stack(void **state)
{
	(void)state;
	static struct walker walkers[THREADS];
	unsigned long walks = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		walkers[i].seed = i;
		assert_int_equal(pthread_create(&walkers[i].thread, NULL, storm, &walkers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(walkers[i].thread, NULL);
		assert_int_equal(walkers[i].wrong, 0);
		walks += walkers[i].walks;
	}
	assert_in_range(walks, THREADS * 30, UINT64_MAX >> 1);
	assert_true(rule_cache_is_valid(rule_cache_state_now())); /* and rules are remembered again */
}

static void while_something_is_unloaded_nothing_is_remembered(void **state)
{
	(void)state;
	uint64_t pc = (uintptr_t)leaf + 4; /* behind its first instructions */
	rule_cache_unload_begin();
	uint64_t unloading = rule_cache_state_now();
	assert_false(rule_cache_is_valid(unloading));
	uint32_t rule = rule_cache_find(pc, unloading);
	assert_int_not_equal(rule, 0);
	assert_int_equal(rule_cache[rule_cache_place(pc)], 0);
	rule_cache_unload_begin(); /* two at a time */
	rule_cache_unload_end();
	assert_false(rule_cache_is_valid(rule_cache_state_now()));
	rule_cache_unload_end();
	assert_true(rule_cache_is_valid(rule_cache_state_now()));
	assert_int_equal(rule_cache_find(pc, rule_cache_state_now()), rule);
	assert_int_not_equal(rule_cache[rule_cache_place(pc)], 0);
}

#ifdef __SANITIZE_THREAD__
/* The loader is not built for the sanitizer, which does not see its locks. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:ld-linux-x86-64.so.2\n";
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_in_the_place_of_another_has_its_own_rules),
		cmocka_unit_test(a_storm_of_loading_and_unloading_gives_no_wrong_stack),
		cmocka_unit_test(while_something_is_unloaded_nothing_is_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
