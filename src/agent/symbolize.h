/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize.h — tells the trace what stands at the code addresses of its stacks, so that it is complete on another
 * machine. */
#pragma once
#include "agent/recorded.h"

/* All addresses of all processes of the list. */
void symbolize(struct recorded *processes, struct journal *journal);
