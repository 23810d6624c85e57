/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"
#include "must.h"
#include "truth.h"
#include <unistd.h>

void gate_init(struct gate *gate)
{
	MUST(pipe(gate->fds));
}

SCENE void gate_await(struct gate *gate)
{
	char byte;
	MUST(LOGGED("pipe", gate->fds[0], read(gate->fds[0], &byte, 1)));
}

SCENE void gate_tell(struct gate *gate)
{
	MUST(write(gate->fds[1], "", 1));
}
