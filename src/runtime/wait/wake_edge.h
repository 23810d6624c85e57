/* SPDX-License-Identifier: Apache-2.0 */
/* wake_edge.h — who ended a wait: written by the thread that is about to release a lock or to signal a condition. */
#pragma once
#include "record/event_types.h"
#include "runtime/core/thread.h"

/* Writes the event for the object, a mutex or a condition variable. Errno is kept; safe in a signal handler. */
void wake_edge(struct thread *thread, enum wake_event event, const void *object, const void *frame);
