/* SPDX-License-Identifier: Apache-2.0 */
/* recorded_life.h — a recorded process comes and goes. */
#pragma once
#include "agent/listener.h"
#include "agent/recorded.h"

/* Takes over the newcomer's arena (not the newcomer) and tells the trace of the process. parent: the recorded
 * process that it was forked from, NULL when none is known or it is a program of its own. Never NULL. */
struct recorded *recorded_create(struct newcomer *newcomer, const struct recorded *parent,
				 struct journal *journal);

void recorded_destroy(struct recorded *recorded);

/* Gives the arena and all that belongs to a living process back; what its code and stacks were stays known. */
void recorded_let_go(struct recorded *recorded);
