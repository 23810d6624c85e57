/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory.h"
#include <stdbool.h>
#include <stdlib.h>

enum { TODAY = INVENTORY_DAYS - 1, FIRST_STOCK_UNITS = 1000, DAYS_TO_LAST = 7 };

/* How much of the newest day goes into the average, when sales are smoothed. */
static const double SMOOTHING = 0.05;

/* A catalogue that is the same at each start: prices of 1.00 to 50.99, and a year of sales. */
static void inventory_stock_up(struct inventory *inventory)
{
	uint32_t seed = 1;
	for (uint32_t number = 0; number < INVENTORY_ITEMS; number++) {
		struct item *item = &inventory->items[number];
		item->in_stock = FIRST_STOCK_UNITS;
		item->price_cents = 100 + number % 5000;
		for (uint32_t day = 0; day < TODAY; day++) {
			seed = seed * 1664525 + 1013904223;
			item->units_sold[day] = (seed >> 24) % (1 + number % 300);
		}
	}
}

int inventory_init(struct inventory *inventory, uint32_t recount_interval)
{
	*inventory = (struct inventory){.recount_interval = recount_interval};
	inventory->items = calloc(INVENTORY_ITEMS, sizeof *inventory->items);
	if (!inventory->items)
		return -1;
	pthread_mutex_init(&inventory->lock, NULL);
	inventory_stock_up(inventory);
	inventory_recount(inventory);
	return 0;
}

void inventory_fini(struct inventory *inventory)
{
	pthread_mutex_destroy(&inventory->lock);
	free(inventory->items);
}

static struct item *inventory_item(struct inventory *inventory, uint32_t number)
{
	return number >= 1 && number <= INVENTORY_ITEMS ? &inventory->items[number - 1] : NULL;
}

enum reservation inventory_reserve_stock(struct inventory *inventory, uint32_t number, uint32_t units,
					 uint32_t *out_price_cents)
{
	struct item *item = inventory_item(inventory, number);
	if (!item)
		return NO_SUCH_ITEM;

	pthread_mutex_lock(&inventory->lock);
	bool is_enough = item->in_stock >= units;
	bool is_recount_due = false;
	if (is_enough) {
		item->in_stock -= units;
		item->units_sold[TODAY] += units;
		inventory->units_reserved += units;
		inventory->reservations++;
		is_recount_due = inventory->recount_interval &&
				 inventory->reservations % inventory->recount_interval == 0;
	}
	pthread_mutex_unlock(&inventory->lock);
	if (!is_enough)
		return OUT_OF_STOCK;

	if (is_recount_due)
		inventory_recount(inventory);
	*out_price_cents = item->price_cents;
	return RESERVED;
}

void inventory_return_stock(struct inventory *inventory, uint32_t number, uint32_t units)
{
	struct item *item = inventory_item(inventory, number);
	pthread_mutex_lock(&inventory->lock);
	item->in_stock += units;
	item->units_sold[TODAY] -= units;
	inventory->units_reserved -= units;
	pthread_mutex_unlock(&inventory->lock);
}

/* The units a day that an item sells now, by exponential smoothing over the year. */
static double item_expected_sales(const struct item *item)
{
	double average = item->units_sold[0];
	for (uint32_t day = 1; day < INVENTORY_DAYS; day++)
		average += SMOOTHING * (item->units_sold[day] - average);
	return average;
}

void inventory_recount(struct inventory *inventory)
{
	pthread_mutex_lock(&inventory->lock);
	uint32_t to_reorder = 0;
	for (uint32_t number = 0; number < INVENTORY_ITEMS; number++) {
		const struct item *item = &inventory->items[number];
		to_reorder += item_expected_sales(item) * DAYS_TO_LAST > item->in_stock;
	}
	inventory->items_to_reorder = to_reorder;
	pthread_mutex_unlock(&inventory->lock);
}

struct inventory_totals inventory_totals(struct inventory *inventory)
{
	pthread_mutex_lock(&inventory->lock);
	struct inventory_totals totals = {inventory->units_reserved, inventory->items_to_reorder};
	pthread_mutex_unlock(&inventory->lock);
	return totals;
}
