/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize.h — tells the trace what stands at the code addresses of its stacks, so that it is complete on another
 * machine. */
#pragma once
#include "agent/journal.h"

/* All places of the journal. */
void symbolize(struct journal *journal);
