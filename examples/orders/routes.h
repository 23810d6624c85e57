/* SPDX-License-Identifier: Apache-2.0 */
/* routes.h — what each path of the service answers.
 *
 *	GET  /health        200 {"status":"ok"}
 *	POST /orders        201 the order, which {"customer":TEXT,"item":NUMBER,"quantity":NUMBER} asked for
 *	                    400 not such an order · 402 not paid · 404 no such item · 409 out of stock
 *	GET  /orders/NUMBER 200 the order · 404 there is none
 *	GET  /stats         200 counts of orders, stock and load
 *
 * Any other path is 404, another method 405; a fault of the service is 500. What was wrong is said in
 * {"error":TEXT}.
 *
 * Threads: any.
 */
#pragma once
#include "exchange.h"
#include "orders.h"
#include "workers.h"

struct service {
	struct orders orders;
	struct workers workers;
};

/* Fills in the answer of `exchange`. */
void routes_answer(struct service *service, struct exchange *exchange);

/* Makes {"error":text} the answer. */
void answer_error(struct exchange *exchange, unsigned status, const char *text);
