/* SPDX-License-Identifier: Apache-2.0 */
/* mutex.h — what can be told from the outside of glibc's locks.
 *
 * The words read here are those of <bits/struct_mutex.h> and <bits/thread-shared-types.h>, public in every glibc
 * since 2.25. They are looked at only while the caller owns the lock or is about to call the real function on it, so
 * the memory is the program's to be valid; nothing is looked at after the real unlock.
 *
 * A stale look is harmless: a lock that looked free and was not is found out by the left-CPU check.
 */
#pragma once
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	MUTEX_ROBUST_OR_INHERIT = 0x10 | 0x20, /* bits of __kind: the lock word holds the owner's thread id */
	MUTEX_WORD = (1 << 19) - 1,            /* of the lock word; the bits above hold a priority ceiling */
	MUTEX_CONTENDED = 2,                   /* the word of a plain lock that somebody may wait for */
	CONDITION_WAITER_SHIFT = 3,            /* __wrefs counts waiters in units of eight */
};

static inline unsigned mutex_word(const pthread_mutex_t *mutex)
{
	return (unsigned)__atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED);
}

/* Whether pthread_mutex_lock would get it at once: it is free, or the caller's own and recursive. */
static inline bool mutex_looks_free(const pthread_mutex_t *mutex, uint32_t tid)
{
	unsigned word = mutex_word(mutex), kind = (unsigned)mutex->__data.__kind;
	if (__builtin_expect(kind & MUTEX_ROBUST_OR_INHERIT, 0))
		return !(word & FUTEX_TID_MASK);
	return !(word & MUTEX_WORD) ||
	       ((kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP && (uint32_t)mutex->__data.__owner == tid);
}

/* Whether somebody may wait for the lock that the caller owns. */
static inline bool mutex_has_waiters(const pthread_mutex_t *mutex)
{
	unsigned word = mutex_word(mutex);
	if (__builtin_expect((unsigned)mutex->__data.__kind & MUTEX_ROBUST_OR_INHERIT, 0))
		return word & FUTEX_WAITERS;
	return (word & MUTEX_WORD) == MUTEX_CONTENDED;
}

static inline bool condition_has_waiters(const pthread_cond_t *condition)
{
	return __atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED) >> CONDITION_WAITER_SHIFT;
}
