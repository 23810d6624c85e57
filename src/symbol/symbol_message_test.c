/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/symbol_message.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/memory.h"

static void what_is_put_is_taken(void **state)
{
	(void)state;
	int sockets[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	struct symbol_message sent = {0}, received = {0};
	symbol_message_put_text(&sent, "order_place", 5);
	symbol_message_put_number(&sent, UINT64_MAX);
	symbol_message_put_text(&sent, "", 0);
	assert_int_equal(symbol_message_send(sockets[0], &sent), 0);
	assert_int_equal(symbol_message_receive(sockets[1], &received), 0);

	const char *text;
	uint64_t number;
	assert_true(symbol_message_take_text(&received, &text));
	assert_string_equal(text, "order");
	assert_true(symbol_message_take_number(&received, &number));
	assert_true(number == UINT64_MAX);
	assert_true(symbol_message_take_text(&received, &text));
	assert_string_equal(text, "");
	assert_false(symbol_message_take_text(&received, &text));
	assert_false(symbol_message_take_number(&received, &number));
	symbol_message_fini(&sent);
	symbol_message_fini(&received);
	close(sockets[0]);
	close(sockets[1]);
}

static void a_text_without_an_end_is_no_text(void **state)
{
	(void)state;
	struct symbol_message message = {0};
	const char *text;
	uint64_t number;
	symbol_message_put_text(&message, "order", 5);
	message.size--;
	assert_false(symbol_message_take_text(&message, &text));
	assert_false(symbol_message_take_number(&message, &number));
	symbol_message_fini(&message);
}

/* Sends the bytes, hangs up, and tells what the receiver makes of them. */
static int receive(const void *bytes, size_t size)
{
	int sockets[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	assert_int_equal(send(sockets[0], bytes, size, 0), size);
	close(sockets[0]);
	struct symbol_message message = {0};
	int result = symbol_message_receive(sockets[1], &message);
	symbol_message_fini(&message);
	close(sockets[1]);
	return result;
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	assert_int_equal(receive("\4\0\0\0text", 8), 0);
	assert_int_equal(receive("\5\0\0\0text", 8), -1); /* one byte is missing */
	assert_int_equal(receive("\4\0\0", 3), -1);
	assert_int_equal(receive("\1\0\20\0text", 8), -1); /* MESSAGE_MAX + 1 */
	assert_int_equal(receive("", 0), -1);
}

static void a_message_that_is_too_big_is_not_sent(void **state)
{
	(void)state;
	struct symbol_message message = {0};
	char *text = memory_allocate(MESSAGE_MAX);
	symbol_message_put_text(&message, text, MESSAGE_MAX);
	assert_int_equal(symbol_message_send(-1, &message), -1);
	free(text);
	symbol_message_fini(&message);
}

static void nobody_on_the_other_side_is_no_signal(void **state)
{
	(void)state;
	int sockets[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	close(sockets[1]);
	struct symbol_message message = {0};
	symbol_message_put_number(&message, 1);
	assert_int_equal(symbol_message_send(sockets[0], &message), -1);
	symbol_message_fini(&message);
	close(sockets[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_taken),
		cmocka_unit_test(a_text_without_an_end_is_no_text),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_message_that_is_too_big_is_not_sent),
		cmocka_unit_test(nobody_on_the_other_side_is_no_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
