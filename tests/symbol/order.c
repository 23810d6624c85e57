/* SPDX-License-Identifier: Apache-2.0 */
/* Code with every kind of name, for src/symbol/symbol_table_test.c. Its lines are pinned, so that the test can say them.
 *
 * MARK puts a local symbol in front of one instruction, by which the test finds the place in the file. */
#define MARK(name) __asm__ volatile("mark_" #name ":\n\tnop")
#define INLINED    static inline __attribute__((always_inline))
#define APART      __attribute__((noinline, noclone))

int order_place(int item);
int store_reserve(int item) __asm__("_ZN5store7reserveEi");
int shop_ship(int item) __asm__("_RNvNtCs1234_4shop5order4ship");
int shop_bill(int item) __asm__("_ZN4shop5order4bill17h0123456789abcdefE");
int ___order_cancel(int item);
int order_cancel(int item) __attribute__((alias("___order_cancel")));

#line 100 "/shop/price.c"
INLINED int price_of(int item)
{
	MARK(price_of);
	return item * 3;
}

#line 200 "/shop/total.c"
INLINED int total_of(int item)
{
	MARK(total_of);
	return price_of(item) + 1;
}

#line 300 "/shop/order.c"
static APART int check_stock(int item)
{
	MARK(check_stock);
	MARK(checked_stock);
	return item;
}

int order_place(int item)
{
	MARK(order_place);
	int total = total_of(item);
	return check_stock(item) + total;
}

#line 400 "/shop/names.c"
int store_reserve(int item)
{
	MARK(reserve);
	return item;
}

#line 410 "/shop/names.c"
int shop_ship(int item)
{
	MARK(ship);
	return item;
}

#line 420 "/shop/names.c"
int shop_bill(int item)
{
	MARK(bill);
	return item;
}

#line 430 "/shop/names.c"
int ___order_cancel(int item)
{
	MARK(cancel);
	return item;
}
