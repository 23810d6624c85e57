/* SPDX-License-Identifier: Apache-2.0 */
/* host.h — tells the trace what machine this is. */
#pragma once
#include "agent/journal.h"

void host_tell(struct journal *journal);
