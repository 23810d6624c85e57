/* SPDX-License-Identifier: Apache-2.0 */
/* server.h — HTTP on 127.0.0.1: takes requests in, has the workers answer them, sends the answers.
 *
 * Threads:  one of libmicrohttpd's does all the talking and never waits for a worker: a request is set aside
 *           when it is complete, and taken up again when its answer is ready.
 * Limits:   a body of REQUEST_BODY_MAX bytes; a longer one is answered by 413.
 */
#pragma once
#include "routes.h"
#include <stdint.h>

enum { REQUEST_BODY_MAX = 4096 };

struct server;

/* Begins to answer on `port`, or, when that is 0, on one that the kernel chooses; `service`, whose workers
 * run already, has to live until server_stop. NULL with errno set when it cannot. */
struct server *server_start(struct service *service, uint16_t port);

uint16_t server_port(const struct server *server);

/* Lets no new connection in, sends the answers to all requests that are complete, and stops the workers. */
void server_stop(struct server *server);
