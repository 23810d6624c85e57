/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.h — what the shop has in stock, item by item, and what it should reorder.
 *
 * Words:    items are numbered from 1; a reservation takes units out of the stock for an order.
 * Threads:  any; one lock guards all of it, held for a few instructions, except by inventory_recount.
 */
#pragma once
#include <pthread.h>
#include <stdint.h>

enum { INVENTORY_ITEMS = 30000, INVENTORY_DAYS = 365 };

struct item {
	uint32_t in_stock; /* units */
	uint32_t price_cents;
	uint16_t units_sold[INVENTORY_DAYS]; /* a day each, the last of them is today */
};

struct inventory {
	pthread_mutex_t lock;
	struct item *items;
	uint64_t reservations;
	uint64_t units_reserved;
	uint32_t items_to_reorder;
	uint32_t recount_interval; /* reservations from one recount to the next; 0: never */
};

struct inventory_totals {
	uint64_t units_reserved;
	uint32_t items_to_reorder;
};

enum reservation { RESERVED, NO_SUCH_ITEM, OUT_OF_STOCK };

/* Returns 0, or -1 with errno set. `recount_interval` other than 0 is the fault `lock`: the reservation that
 * completes an interval recounts before it returns, while all others wait for the lock. */
int inventory_init(struct inventory *inventory, uint32_t recount_interval);
void inventory_fini(struct inventory *inventory);

/* All units or none. */
enum reservation inventory_reserve_stock(struct inventory *inventory, uint32_t item, uint32_t units,
					 uint32_t *out_price_cents);

/* Gives back what was reserved for an order that came to nothing. */
void inventory_return_stock(struct inventory *inventory, uint32_t item, uint32_t units);

/* Counts the items whose stock will not last a week. Takes tens of milliseconds, all under the lock. */
void inventory_recount(struct inventory *inventory);

struct inventory_totals inventory_totals(struct inventory *inventory);
