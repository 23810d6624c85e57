/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"
#include <err.h>
#include <stdio.h>
#include <string.h>

/* When the service crashes nothing is lost; when the machine does, the journal knows the last orders. */
static const char SCHEMA[] = "PRAGMA journal_mode = WAL;"
			     "PRAGMA synchronous = OFF;"
			     "CREATE TABLE IF NOT EXISTS orders ("
			     "  number INTEGER PRIMARY KEY,"
			     "  customer TEXT NOT NULL,"
			     "  item INTEGER NOT NULL,"
			     "  quantity INTEGER NOT NULL,"
			     "  amount_cents INTEGER NOT NULL)";
static const char INSERT[] =
	"INSERT INTO orders (customer, item, quantity, amount_cents) VALUES (?1, ?2, ?3, ?4)";
static const char FIND[] = "SELECT customer, item, quantity, amount_cents FROM orders WHERE number = ?1";
static const char COUNT[] = "SELECT count(*) FROM orders";

static int store_complain(struct store *store, const char *what)
{
	warnx("%s: %s", what, store->database ? sqlite3_errmsg(store->database) : "out of memory");
	return -1;
}

static int store_prepare(struct store *store, const char *text, sqlite3_stmt **out_statement)
{
	return sqlite3_prepare_v3(store->database, text, -1, SQLITE_PREPARE_PERSISTENT, out_statement, NULL);
}

int store_open(struct store *store, const char *path)
{
	*store = (struct store){.database = NULL};
	pthread_mutex_init(&store->lock, NULL);
	/* Our lock, held from a statement's first step to its reset, makes SQLite's own one superfluous. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	const char *name = path ? path : ":memory:";
	if (sqlite3_open_v2(name, &store->database, flags, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->database, SCHEMA, NULL, NULL, NULL) != SQLITE_OK ||
	    store_prepare(store, INSERT, &store->insert) != SQLITE_OK ||
	    store_prepare(store, FIND, &store->find) != SQLITE_OK ||
	    store_prepare(store, COUNT, &store->count) != SQLITE_OK) {
		store_complain(store, name);
		store_close(store);
		return -1;
	}
	return 0;
}

void store_close(struct store *store)
{
	sqlite3_finalize(store->insert);
	sqlite3_finalize(store->find);
	sqlite3_finalize(store->count);
	sqlite3_close(store->database);
	pthread_mutex_destroy(&store->lock);
}

int store_insert(struct store *store, struct order *order)
{
	int result = 0;
	pthread_mutex_lock(&store->lock);
	sqlite3_bind_text(store->insert, 1, order->customer, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->insert, 2, order->item);
	sqlite3_bind_int64(store->insert, 3, order->quantity);
	sqlite3_bind_int64(store->insert, 4, (int64_t)order->amount_cents);
	if (sqlite3_step(store->insert) == SQLITE_DONE)
		order->number = sqlite3_last_insert_rowid(store->database);
	else
		result = store_complain(store, "an order cannot be stored");
	sqlite3_reset(store->insert);
	sqlite3_clear_bindings(store->insert);
	pthread_mutex_unlock(&store->lock);
	return result;
}

static void store_read_row(sqlite3_stmt *row, int64_t number, struct order *out_order)
{
	*out_order = (struct order){
		.number = number,
		.item = (uint32_t)sqlite3_column_int64(row, 1),
		.quantity = (uint32_t)sqlite3_column_int64(row, 2),
		.amount_cents = (uint64_t)sqlite3_column_int64(row, 3),
	};
	snprintf(out_order->customer, sizeof out_order->customer, "%s", sqlite3_column_text(row, 0));
}

int store_find(struct store *store, int64_t number, struct order *out_order)
{
	int found = 0;
	pthread_mutex_lock(&store->lock);
	sqlite3_bind_int64(store->find, 1, number);
	switch (sqlite3_step(store->find)) {
	case SQLITE_ROW:
		store_read_row(store->find, number, out_order);
		found = 1;
		break;
	case SQLITE_DONE:
		break;
	default:
		found = store_complain(store, "an order cannot be read");
	}
	sqlite3_reset(store->find);
	pthread_mutex_unlock(&store->lock);
	return found;
}

int store_count(struct store *store, int64_t *out_count)
{
	int result = 0;
	pthread_mutex_lock(&store->lock);
	if (sqlite3_step(store->count) == SQLITE_ROW)
		*out_count = sqlite3_column_int64(store->count, 0);
	else
		result = store_complain(store, "orders cannot be counted");
	sqlite3_reset(store->count);
	pthread_mutex_unlock(&store->lock);
	return result;
}
