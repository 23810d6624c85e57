/* SPDX-License-Identifier: Apache-2.0 */
/* store.h — the orders that were placed, in an SQLite database.
 *
 * Threads:  any; one connection, which a lock hands from one to the other.
 * Errors:   -1, and the reason on standard error: whoever placed the order can do nothing about it.
 */
#pragma once
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>

enum { CUSTOMER_MAX = 64 }; /* bytes of a name */

struct order {
	int64_t number; /* given by the store */
	char customer[CUSTOMER_MAX + 1];
	uint32_t item;
	uint32_t quantity;
	uint64_t amount_cents;
};

struct store {
	pthread_mutex_t lock;
	sqlite3 *database;
	sqlite3_stmt *insert, *find, *count;
};

/* `path` NULL: in memory, gone at the end. */
int store_open(struct store *store, const char *path);
void store_close(struct store *store);

/* Gives the order its number. */
int store_insert(struct store *store, struct order *order);

/* 1 when there is one, 0 when there is none. */
int store_find(struct store *store, int64_t number, struct order *out_order);

int store_count(struct store *store, int64_t *out_count);
