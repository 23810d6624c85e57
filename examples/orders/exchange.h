/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h — one HTTP request and its answer, without the wire: what the server hands to the routes.
 *
 * Threads: belongs to one thread at a time.
 */
#pragma once
#include <stddef.h>

struct exchange {
	/* The request; all three live as long as the exchange. The body has no terminating zero. */
	const char *method;
	const char *path;
	const char *body;
	size_t body_size;

	/* The answer. */
	unsigned status;
	char *text;        /* JSON from malloc; freed by whoever sends it */
	const char *allow; /* the header Allow, or NULL */
	char location[32]; /* the header Location, or "" */
};
