/* SPDX-License-Identifier: Apache-2.0 */
/* gate.h — one thread waits until another says so, so that no story needs a guess at how long something takes.
 *
 * Threads:  any, also of different processes that share the pipe behind it; each tell lets one await pass.
 *           The wait is written down as a pipe wait of gate_await.
 */
#pragma once

struct gate {
	int fds[2];
};

void gate_init(struct gate *gate);
void gate_await(struct gate *gate);
void gate_tell(struct gate *gate);
