/* SPDX-License-Identifier: Apache-2.0 */
#include "orders.h"
#include "payment.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static int orders_open_files(struct orders *orders, const char *database, const char *journal, bool is_synced)
{
	if (store_open(&orders->store, database) != 0)
		return -1;
	if (journal_open(&orders->journal, journal, is_synced) != 0) {
		warn("%s", journal);
		store_close(&orders->store);
		return -1;
	}
	return 0;
}

/* From malloc; NULL without a folder, or without memory. */
static char *path_in(const char *folder, const char *name)
{
	char *path;
	return folder && asprintf(&path, "%s/%s", folder, name) >= 0 ? path : NULL;
}

int orders_open(struct orders *orders, const struct orders_setup *setup)
{
	if (inventory_init(&orders->inventory, setup->recount_interval) != 0) {
		warn("inventory");
		return -1;
	}
	char *database = path_in(setup->folder, "orders.db");
	char *journal = path_in(setup->folder, "orders.journal");
	int result = orders_open_files(orders, database, journal, setup->is_journal_synced);
	if (result != 0)
		inventory_fini(&orders->inventory);
	free(journal);
	free(database);
	return result;
}

void orders_close(struct orders *orders)
{
	journal_close(&orders->journal);
	store_close(&orders->store);
	inventory_fini(&orders->inventory);
}

static enum order_outcome orders_cancel(struct orders *orders, const struct order *order,
					enum order_outcome outcome)
{
	inventory_return_stock(&orders->inventory, order->item, order->quantity);
	return outcome;
}

enum order_outcome orders_place(struct orders *orders, struct order *order)
{
	uint32_t price_cents;
	switch (inventory_reserve_stock(&orders->inventory, order->item, order->quantity, &price_cents)) {
	case NO_SUCH_ITEM:
		return ORDER_NO_SUCH_ITEM;
	case OUT_OF_STOCK:
		return ORDER_OUT_OF_STOCK;
	case RESERVED:
		break;
	}
	order->amount_cents = (uint64_t)price_cents * order->quantity;
	if (!payment_authorize(order->amount_cents))
		return orders_cancel(orders, order, ORDER_NOT_PAID);
	if (store_insert(&orders->store, order) != 0)
		return orders_cancel(orders, order, ORDER_NOT_STORED);
	/* The order stands: it is stored and paid. */
	if (journal_append(&orders->journal, order) != 0)
		warn("order %lld is not in the journal", (long long)order->number);
	return ORDER_PLACED;
}
