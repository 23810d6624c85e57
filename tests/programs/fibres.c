/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads, each with fibres of its own on stacks of their own, which wait in turn; then one fibre that begins in
 * one thread and ends in the other. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { FIBRES = 4, ROUNDS = 3, STACK_SIZE = 64 << 10, EACH_MS = 5 };

struct fibre {
	ucontext_t own, *back;
	int sum;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

SCENE static void wait_in_a_fibre(void)
{
	pause_ms(EACH_MS);
	MUST_ZERO(LOGGED("lock", &lock, pthread_mutex_lock(&lock)));
	pause_ms(1);
	MUST_ZERO(pthread_mutex_unlock(&lock));
}

SCENE static void yield(struct fibre *fibre)
{
	MUST(swapcontext(&fibre->own, fibre->back));
}

static void live(unsigned low, unsigned high)
{
	struct fibre *fibre =
		(struct fibre *)(uintptr_t)((uint64_t)high << 32 | low); /* it takes ints only */
	for (int round = 0; round < ROUNDS; round++) {
		wait_in_a_fibre();
		fibre->sum++;
		yield(fibre);
	}
	for (;;)
		yield(fibre);
}

static void fibre_make(struct fibre *fibre)
{
	MUST(getcontext(&fibre->own));
	fibre->own.uc_stack.ss_sp =
		MUST(mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	fibre->own.uc_stack.ss_size = STACK_SIZE;
	uint64_t address = (uintptr_t)fibre;
	makecontext(&fibre->own, (void (*)(void))live, 2, (unsigned)address, (unsigned)(address >> 32));
}

SCENE static void resume(struct fibre *fibre)
{
	ucontext_t here;
	fibre->back = &here;
	MUST(swapcontext(&here, &fibre->own));
}

static void *carrier(void *out_sum)
{
	static _Thread_local struct fibre fibres[FIBRES];
	for (int i = 0; i < FIBRES; i++)
		fibre_make(&fibres[i]);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < FIBRES; i++)
			resume(&fibres[i]);
	for (int i = 0; i < FIBRES; i++)
		*(int *)out_sum += fibres[i].sum;
	pause_ms(EACH_MS);
	return NULL;
}

static struct fibre wanderer;

static void *second_carrier(void *unused)
{
	resume(&wanderer);
	pause_ms(EACH_MS);
	return unused;
}

int main(void)
{
	pthread_t threads[2];
	int sums[2] = {0};
	for (int i = 0; i < 2; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, carrier, &sums[i]));
	for (int i = 0; i < 2; i++)
		MUST_ZERO(LOGGED("join", threads[i], pthread_join(threads[i], NULL)));
	printf("rounds of fibres: %d and %d\n", sums[0], sums[1]);

	fibre_make(&wanderer);
	resume(&wanderer);
	MUST_ZERO(pthread_create(&threads[0], NULL, second_carrier, NULL));
	MUST_ZERO(LOGGED("join", threads[0], pthread_join(threads[0], NULL)));
	resume(&wanderer);
	printf("rounds of the one that went about: %d\n", wanderer.sum);
}
