/* SPDX-License-Identifier: Apache-2.0 */
/* stack_capture.h — the calling thread's stack as a number, for the event that is about to be written. */
#pragma once
#include "runtime/core/thread.h"

/* The stack from the hook's frame on (its __builtin_frame_address(0)); 0 when the tree is full.
 * Uses the thread's room: call it between record_begin and record_end only. Errno is kept; safe in a signal handler. */
uint32_t stack_capture(struct thread *thread, const void *hook_frame);
