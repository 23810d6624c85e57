/* SPDX-License-Identifier: Apache-2.0 */
/* Four threads load, use and unload libraries as fast as they can. Argument: plain, or deepbind, where a library asks itself and
 * what it needs before it asks what was preloaded. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <dlfcn.h>
#include <pthread.h>

enum { THREADS = 4, ROUNDS = 100 };

static int flags = RTLD_NOW | RTLD_LOCAL;
static char paths[THREADS][512];

SCENE static int use(const char *path, int has_thread)
{
	void *library = dlopen(path, flags);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		exit(99);
	}
	int (*work)(int) = (int (*)(int))dlsym(library, "plugin_work");
	int calls = work(has_thread);
	MUST_ZERO(dlclose(library));
	return calls;
}

static void *load_and_unload(void *index)
{
	long sum = 0;
	for (int round = 0; round < ROUNDS; round++)
		sum += use(paths[((long)index + round) % THREADS], round % 10 == 0);
	pause_ms(5);
	return (void *)(sum > 0 ? 1L : 0L);
}

int main(int argument_count, char **arguments)
{
	pthread_t threads[THREADS];
	if (argument_count == 2 && strcmp(arguments[1], "deepbind") == 0)
		flags |= RTLD_DEEPBIND;
	char *end = strrchr(arguments[0], '/');
	for (int i = 0; i < THREADS; i++)
		snprintf(paths[i], sizeof paths[i], "%.*s/libplugin_%d.so", (int)(end - arguments[0]),
			 arguments[0], i + 1);
	for (long i = 0; i < THREADS; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, load_and_unload, (void *)i));
	for (long i = 0; i < THREADS; i++) {
		void *worked;
		MUST_ZERO(LOGGED("join", threads[i], pthread_join(threads[i], &worked)));
		printf("thread %ld: %s\n", i, worked ? "worked" : "did not work");
	}
}
