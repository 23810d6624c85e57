/* SPDX-License-Identifier: Apache-2.0 */
/* head.h — the first 16 bytes of a Go trace, which say in which format it is: "go 1.26 trace" and zeros. */
#pragma once
#include "trace/read/byte_stream.h"

/* Whether these first bytes (GO_HEAD_SIZE of them, if there are) are those of a Go trace, of whatever version. */
int go_head_knows(struct byte_span front);

/* Takes the head. *out_version: 22, 23, 25 or 26. -1 with an error that says what the trace is when it is none of these. */
int go_head_read(struct byte_stream *stream, unsigned *out_version, struct error *out_error);
