/* SPDX-License-Identifier: Apache-2.0 */
/* hook.h — what a definition of one of libc's names looks like. Only files of this folder have any. */
#pragma once
#include "runtime/hooks/real.h"
#include "runtime/wait/wait.h"

/* Exported; entered with a frame of its own, from which the stack is walked. */
#define HOOK __attribute__((visibility("default")))
