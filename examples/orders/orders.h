/* SPDX-License-Identifier: Apache-2.0 */
/* orders.h — how an order is placed: stock is reserved, the payment authorized, the order kept.
 *
 * Threads: any.
 */
#pragma once
#include "inventory.h"
#include "journal.h"
#include "store.h"

struct orders {
	struct inventory inventory;
	struct store store;
	struct journal journal;
};

enum order_outcome { ORDER_PLACED, ORDER_NO_SUCH_ITEM, ORDER_OUT_OF_STOCK, ORDER_NOT_PAID, ORDER_NOT_STORED };

struct orders_setup {
	const char *folder;        /* of orders.db and orders.journal; NULL: kept in memory, no journal */
	uint32_t recount_interval; /* inventory_init */
	bool is_journal_synced;    /* journal_open */
};

/* Returns 0, or -1 with the reason on standard error. */
int orders_open(struct orders *orders, const struct orders_setup *setup);
void orders_close(struct orders *orders);

/* `order` comes with customer, item and quantity; number and amount are filled in when it is placed.
 * Otherwise nothing has happened: what was reserved is given back. */
enum order_outcome orders_place(struct orders *orders, struct order *order);
