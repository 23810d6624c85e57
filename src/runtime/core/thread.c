/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include "record/hello.h"
#include "runtime/core/direct.h"
#include "runtime/core/record.h"
#include "runtime/core/room.h"
#include "runtime/core/syscall.h"
#include "runtime/core/thread_life.h"

_Thread_local struct thread guest_thread __attribute__((tls_model("initial-exec"))) = {.epoch = THREAD_NEW};

/* The key whose destructor tells that a thread ends. Only the first few keys are used without an allocation. */
enum { KEYS_WITHOUT_ALLOCATION = 32 };
static pthread_key_t end_key;
static bool has_end_key;

size_t thread_default_stack_size;
static uintptr_t main_stack_end;

static uint32_t slot_take(void)
{
	const struct arena *arena = &guest_process.arena;
	uint32_t number = arena_list_pop(&arena->header->free_threads, arena, arena_next_thread);
	return number ? number : arena_take_fresh(&arena->header->threads_used, arena->thread_count);
}

struct room *thread_place_take(void)
{
	struct room *room = room_take();
	uint32_t slot = room ? slot_take() : 0;
	if (slot) {
		room->slot = slot;
		return room;
	}
	if (room)
		room_give_back(room);
	return NULL;
}

void thread_place_give_back(struct room *room)
{
	struct thread_slot *slot = &guest_process.arena.threads[room->slot - 1];
	arena_list_push(&guest_process.arena.header->free_threads, room->slot, &slot->next);
	room_give_back(room);
}

/* Where the main thread's stack lies: it may grow down to its limit. Children of fork run on the parent's. */
static void main_stack_bounds(struct thread *thread)
{
	enum { STACK_IF_UNLIMITED = 8 << 20 };
	struct rlimit limit = {0};
	syscall_3(SYS_getrlimit, RLIMIT_STACK, (long)&limit, 0);
	uintptr_t size = limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > (1 << 30) ? STACK_IF_UNLIMITED
										       : limit.rlim_cur;
	thread->stack_high = main_stack_end;
	thread->stack_low = thread->stack_high - size;
}

static void start_accounting(struct thread *thread)
{
	struct rusage usage = {0};
	syscall_thread_usage(&usage);
	thread->voluntary = (uint64_t)usage.ru_nvcsw;
	thread->involuntary = (uint64_t)usage.ru_nivcsw;
	thread->looked_voluntary = thread->voluntary;
	thread->major_faults = (uint64_t)usage.ru_majflt;
	thread->base_cpu_ns = syscall_thread_cpu_ns();
	thread->base_ticks = thread->last_ticks = thread_ticks(thread);
	thread->waited_ticks = 0;
	thread->left_calls = 0;
}

/* The kernel is asked; a lock knows it too: its owner's id stands in it. */
static uint32_t thread_id(void)
{
	long tid = syscall_3(SYS_gettid, 0, 0, 0);
	if (tid > 0)
		return (uint32_t)tid;
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_trylock(&lock);
	return (uint32_t)lock.__data.__owner;
}

/* Fills the thread in for this process and its place, and writes its first event. The caller has claimed the thread. */
static void thread_enter(struct thread *thread, struct room *room, uint32_t epoch)
{
	struct thread_slot *slot = &guest_process.arena.threads[room->slot - 1];
	thread->slot = room->slot;
	thread->tid = thread_id();
	thread->sequence = 0;
	thread->room = room;
	thread->chunk = NULL;
	thread->chunk_end = thread->cursor.at = NULL;
	thread->short_count = 0;
	thread->short_ticks = 0;
	thread->clock =
		clock_of(atomic_load_explicit(&guest_process.arena.header->clock, memory_order_relaxed));
	if (!thread->stack_high && thread->tid == guest_process.pid && main_stack_end)
		main_stack_bounds(thread);

	quick_words.is_single_threaded = direct_is_single_threaded;
	thread->is_blind = !left_cpu_begin();
	slot->tid = thread->tid;
	thread->generation = ++slot->generation;
	atomic_store_explicit(&slot->chunk, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->state, SLOT_RUNNING, memory_order_release);
	start_accounting(thread);
	if (has_end_key)
		pthread_setspecific(end_key, thread);
	thread->epoch = epoch;
	record_release(thread);

	struct event_cursor *cursor = record_begin(thread, EVENT_THREAD_START_MAX, thread->clock);
	if (cursor) {
		event_put_thread_start(cursor, thread->base_ticks, thread->room->creator_tid,
				       thread->room->creation_stack);
		record_end(thread);
	}
}

/* The process is awake: the thread takes its place in it. */
static void take_part(struct thread *thread, uint32_t epoch)
{
	struct room *room = thread_place_take();
	if (!room) {
		if (!thread->is_without_slot)
			record_lost(LOSS_NO_THREAD_SLOT);
		thread->is_without_slot = true;
		record_release(thread);
		return;
	}
	thread->is_without_slot = false;
	room->creator_tid = 0;
	room->creation_stack = 0;
	thread_enter(thread, room, epoch);
}

struct thread *thread_wake(uint32_t word)
{
	struct thread *thread = &guest_thread;
	if (thread->epoch == THREAD_ENDED || thread->epoch == THREAD_LENT)
		return NULL;
	int host_errno = errno;
	/* A handler's hook finds the thread claimed; so does that of a child which was forked while an event was written. */
	if (record_claim(thread)) {
		if (word < PROCESS_FIRST_EPOCH) {
			process_hello();
			word = atomic_load_explicit(&quick_words.process_word, memory_order_acquire);
		}
		if (word >= PROCESS_FIRST_EPOCH)
			take_part(thread, word);
		else
			record_release(thread);
	}
	errno = host_errno;
	return thread_is_awake(thread) ? thread : NULL;
}

/* libc puts a thread's descriptor, where the thread pointer points, at the end of its stack, also of one that the program
 * gave. */
static uintptr_t stack_end_above(uintptr_t frame, size_t stack_size)
{
	uintptr_t end = (uintptr_t)__builtin_thread_pointer();
	return end - frame < stack_size ? end : frame + 2 * sizeof(void *);
}

void thread_begin(struct room *room, const void *first_frame)
{
	struct thread *thread = &guest_thread;
	int host_errno = errno;
	thread->writer =
		(uintptr_t)__builtin_frame_address(0); /* hooks of a signal handler find nothing half made */
	uint32_t word = atomic_load_explicit(&quick_words.process_word, memory_order_acquire);
	thread->stack_high = stack_end_above((uintptr_t)first_frame, room->stack_size);
	thread->stack_low = thread->stack_high - room->stack_size;
	if (word >= PROCESS_FIRST_EPOCH)
		thread_enter(thread, room, word);
	record_release(thread);
	errno = host_errno;
}

/* Its name and its totals: the last that is heard of it. */
static void put_end(struct thread *thread)
{
	struct rusage usage = {0};
	char name[THREAD_NAME_SIZE] = "";
	if (syscall_thread_usage(&usage))
		return; /* the kernel may not be asked: no totals are better than wrong ones */
	syscall_3(SYS_prctl, PR_GET_NAME, (long)name, 0);
	size_t most = EVENT_THREAD_OWN_NAME_MAX + sizeof name + EVENT_THREAD_END_MAX;
	struct event_cursor *cursor = record_begin(thread, most, thread->clock);
	if (!cursor)
		return;
	uint64_t now = thread_ticks(thread);
	event_put_thread_own_name(cursor, now, name, strnlen(name, sizeof name));
	event_put_thread_end(cursor, now, syscall_thread_cpu_ns(), (uint64_t)usage.ru_nvcsw,
			     (uint64_t)usage.ru_nivcsw);
	record_end(thread);
}

static void put_last_short_waits(struct thread *thread)
{
	if (!thread->short_count)
		return;
	struct event_cursor *cursor = record_begin(thread, EVENT_SHORT_WAITS_MAX, thread->clock);
	if (!cursor)
		return;
	event_put_short_waits(cursor, thread_ticks(thread), thread->short_count, thread->short_ticks);
	record_end(thread);
}

void thread_end(void)
{
	struct thread *thread = &guest_thread;
	if (!thread_is_awake(thread))
		return;
	int host_errno = errno;
	put_last_short_waits(thread);
	put_end(thread);
	thread->epoch = THREAD_ENDED;
	if (!thread->is_blind)
		left_cpu_disarm();
	atomic_store_explicit(&guest_process.arena.threads[thread->slot - 1].state, SLOT_ENDED,
			      memory_order_release);
	room_give_back(thread->room);
	errno = host_errno;
}

/* Other destructors may still call hooks: end as late as the rounds of destructors allow. The thread sanitizer takes its
 * own leave of the thread in the last. */
#ifdef __SANITIZE_THREAD__
enum { LAST_ROUND = PTHREAD_DESTRUCTOR_ITERATIONS - 1 };
#else
enum { LAST_ROUND = PTHREAD_DESTRUCTOR_ITERATIONS };
#endif

static void thread_end_later(void *value)
{
	static _Thread_local int rounds __attribute__((tls_model("initial-exec")));
	if (++rounds < LAST_ROUND && thread_is_awake(value))
		pthread_setspecific(end_key, value);
	else
		thread_end();
}

void thread_init(void)
{
	pthread_attr_t attributes;
	if (pthread_attr_init(&attributes) == 0) {
		pthread_attr_getstacksize(&attributes, &thread_default_stack_size);
		pthread_attr_destroy(&attributes);
	}
	void *const *stack_end = dlsym(RTLD_DEFAULT, "__libc_stack_end"); /* set by the loader */
	main_stack_end = stack_end ? (uintptr_t)*stack_end : 0;
	left_cpu_init();
	if (pthread_key_create(&end_key, thread_end_later))
		return;
	has_end_key = end_key < KEYS_WITHOUT_ALLOCATION;
	if (!has_end_key)
		pthread_key_delete(end_key);
}
