/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUANTITY_MAX = 100 };

#define ORDERS_BELOW "/orders/"

/* Takes the reference to `json`; the text stays NULL when memory is short, which the server answers by a bare
 * 500. */
static void answer_json(struct exchange *exchange, unsigned status, json_t *json)
{
	exchange->status = status;
	exchange->text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
}

void answer_error(struct exchange *exchange, unsigned status, const char *text)
{
	answer_json(exchange, status, json_pack("{s:s}", "error", text));
}

static void answer_order(struct exchange *exchange, unsigned status, const struct order *order)
{
	/* clang-format off */
	answer_json(exchange, status, json_pack("{s:I, s:s, s:I, s:I, s:I}",
		"order", (json_int_t)order->number,
		"customer", order->customer,
		"item", (json_int_t)order->item,
		"quantity", (json_int_t)order->quantity,
		"amount_cents", (json_int_t)order->amount_cents));
	/* clang-format on */
}

static void answer_health(struct service *service, struct exchange *exchange)
{
	(void)service;
	answer_json(exchange, MHD_HTTP_OK, json_pack("{s:s}", "status", "ok"));
}

static void answer_stats(struct service *service, struct exchange *exchange)
{
	int64_t orders;
	if (store_count(&service->orders.store, &orders) != 0) {
		answer_error(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "the orders cannot be counted");
		return;
	}
	struct inventory_totals totals = inventory_totals(&service->orders.inventory);
	struct workers_load load = workers_load(&service->workers);
	/* clang-format off */
	answer_json(exchange, MHD_HTTP_OK, json_pack("{s:I, s:I, s:I, s:i, s:i, s:i}",
		"orders", (json_int_t)orders,
		"units_reserved", (json_int_t)totals.units_reserved,
		"items_to_reorder", (json_int_t)totals.items_to_reorder,
		"workers", (int)load.workers,
		"queued", (int)load.queued,
		"most_queued", (int)load.most_queued));
	/* clang-format on */
}

/* Reads an order out of a request's body. Returns what is wrong with it, or NULL. */
static const char *order_parse(const struct exchange *exchange, struct order *out_order)
{
	const char *customer;
	json_int_t item, quantity;
	json_t *json = json_loadb(exchange->body, exchange->body_size, JSON_REJECT_DUPLICATES, NULL);
	const char *fault = NULL;
	if (!json || json_unpack_ex(json, NULL, JSON_STRICT, "{s:s, s:I, s:I}", "customer", &customer, "item",
				    &item, "quantity", &quantity) != 0)
		fault = "the body has to be {\"customer\":TEXT,\"item\":NUMBER,\"quantity\":NUMBER}";
	else if (!customer[0] || strlen(customer) > CUSTOMER_MAX)
		fault = "a customer has a name of 1 to 64 bytes";
	else if (quantity < 1 || quantity > QUANTITY_MAX)
		fault = "an order is for 1 to 100 units";
	else if (item < 1 || item > UINT32_MAX)
		fault = "items have numbers from 1 on";
	if (!fault) {
		*out_order = (struct order){.item = (uint32_t)item, .quantity = (uint32_t)quantity};
		strcpy(out_order->customer, customer);
	}
	json_decref(json);
	return fault;
}

static void post_order(struct service *service, struct exchange *exchange)
{
	struct order order;
	const char *fault = order_parse(exchange, &order);
	if (fault) {
		answer_error(exchange, MHD_HTTP_BAD_REQUEST, fault);
		return;
	}
	switch (orders_place(&service->orders, &order)) {
	case ORDER_PLACED:
		answer_order(exchange, MHD_HTTP_CREATED, &order);
		snprintf(exchange->location, sizeof exchange->location, "/orders/%lld",
			 (long long)order.number);
		break;
	case ORDER_NO_SUCH_ITEM:
		answer_error(exchange, MHD_HTTP_NOT_FOUND, "there is no such item");
		break;
	case ORDER_OUT_OF_STOCK:
		answer_error(exchange, MHD_HTTP_CONFLICT, "the item is out of stock");
		break;
	case ORDER_NOT_PAID:
		answer_error(exchange, MHD_HTTP_PAYMENT_REQUIRED, "the payment was declined");
		break;
	case ORDER_NOT_STORED:
		answer_error(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "the order cannot be stored");
		break;
	}
}

/* The number of an order, written in digits; 0, which no order has, for any other text. */
static int64_t order_number(const char *text)
{
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	return isdigit((unsigned char)text[0]) && !*end && !errno ? number : 0;
}

static void get_order(struct service *service, struct exchange *exchange)
{
	struct order order;
	const char *number = exchange->path + strlen(ORDERS_BELOW);
	switch (store_find(&service->orders.store, order_number(number), &order)) {
	case 1:
		answer_order(exchange, MHD_HTTP_OK, &order);
		break;
	case 0:
		answer_error(exchange, MHD_HTTP_NOT_FOUND, "there is no such order");
		break;
	default:
		answer_error(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "the order cannot be read");
	}
}

static const struct route {
	const char *path;
	enum { WHOLE_PATH, BEGINNING } match;
	const char *method;
	void (*answer)(struct service *service, struct exchange *exchange);
} routes[] = {
	{"/health", WHOLE_PATH, MHD_HTTP_METHOD_GET, answer_health},
	{"/orders", WHOLE_PATH, MHD_HTTP_METHOD_POST, post_order},
	{ORDERS_BELOW, BEGINNING, MHD_HTTP_METHOD_GET, get_order},
	{"/stats", WHOLE_PATH, MHD_HTTP_METHOD_GET, answer_stats},
};

static int route_matches(const struct route *route, const char *path)
{
	return route->match == WHOLE_PATH ? strcmp(path, route->path) == 0
					  : strncmp(path, route->path, strlen(route->path)) == 0;
}

void routes_answer(struct service *service, struct exchange *exchange)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!route_matches(&routes[i], exchange->path))
			continue;
		if (strcmp(exchange->method, routes[i].method) == 0) {
			routes[i].answer(service, exchange);
			return;
		}
		exchange->allow = routes[i].method;
		answer_error(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "the path is there, the method is not");
		return;
	}
	answer_error(exchange, MHD_HTTP_NOT_FOUND, "there is no such path");
}
