/* SPDX-License-Identifier: Apache-2.0 */
/* hook.h — what a definition of one of libc's names looks like. Only files of this folder have any. */
#pragma once
#include "runtime/hooks/real.h"
#include "runtime/wait/wait.h"

/* The straight path of a hook stays small: what else it does is out of line, or the compiler spills registers for it. */
#define NOT_STRAIGHT __attribute__((noinline))
#define OUT_OF_LINE  __attribute__((noinline, cold)) /* and rarely needed */

/* Exported; entered with a frame of its own, from which the stack is walked. (A hook that ends in a jump to its
 * out-of-line part gives its frame to it: the saved frame pointer and the return address there stay the same.) */
#define HOOK __attribute__((visibility("default")))

/* The hooks of busy servers stand together with what they jump to when awake, each beginning a line of the cache: with
 * -fno-toplevel-reorder in the order of the source. */
#define STRAIGHT       __attribute__((noinline, section(".text.straight")))
#define STRAIGHT_ENTRY HOOK __attribute__((section(".text.straight"), aligned(64)))
