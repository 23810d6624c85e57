/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/clean_text.h"
#include "base/peer_name.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static void assert_clean(const char *bytes, size_t size, const char *expected)
{
	char *text = clean_text(bytes, size);
	assert_string_equal(text, expected);
	free(text);
}

static void good_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_clean("größe 時間 🐦", strlen("größe 時間 🐦"), "größe 時間 🐦");
	assert_clean("", 0, "");
}

static void controls_cannot_reach_a_terminal(void **state)
{
	(void)state;
	assert_clean("a\x1b[2Jb", 6, "a\xef\xbf\xbd[2Jb");
	assert_clean("a\0b", 3,
		     "a\xef\xbf\xbd"
		     "b");
	assert_clean("\x7f\xc2\x9b", 3, "\xef\xbf\xbd\xef\xbf\xbd");
	assert_clean("one\ttwo\n", 8, "one two ");
}

static void what_is_no_utf_8_is_replaced_byte_by_byte(void **state)
{
	(void)state;
	assert_clean("\xff", 1, "\xef\xbf\xbd");
	assert_clean("\xc0\x80", 2, "\xef\xbf\xbd\xef\xbf\xbd");
	assert_clean("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_clean("\xf4\x90\x80\x80", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_clean("ab\xe2\x82", 4, "ab\xef\xbf\xbd\xef\xbf\xbd");
}

static void assert_peer(const void *address, size_t size, const char *expected)
{
	char text[PEER_NAME_MAX];
	assert_int_equal(peer_name(address, size, text), expected[0] != 0);
	assert_string_equal(text, expected);
}

static void peers_are_written_as_people_write_them(void **state)
{
	(void)state;
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
	inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
	assert_peer(&v4, sizeof v4, "192.0.2.1:80");
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
	inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
	assert_peer(&v6, sizeof v6, "[2001:db8::1]:443");
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x.sock"};
	assert_peer(&local, offsetof(struct sockaddr_un, sun_path) + 11, "unix:/run/x.sock");
	struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0name"};
	assert_peer(&hidden, offsetof(struct sockaddr_un, sun_path) + 5, "unix:@name");
	assert_peer(&local, sizeof local.sun_family, "unix socket");
}

static void bytes_that_are_no_address_are_no_peer(void **state)
{
	(void)state;
	assert_peer("", 0, "");
	assert_peer("\x02", 1, "");
	assert_peer("\x02\x00", 2, "0.0.0.0:0");
	assert_peer("\x63\x00\x01", 3, "family 99");
	char big[4096];
	memset(big, 'x', sizeof big);
	big[0] = AF_UNIX;
	big[1] = 0;
	char text[PEER_NAME_MAX];
	assert_int_equal(peer_name(big, sizeof big, text), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text_stays_as_it_is),
		cmocka_unit_test(controls_cannot_reach_a_terminal),
		cmocka_unit_test(what_is_no_utf_8_is_replaced_byte_by_byte),
		cmocka_unit_test(peers_are_written_as_people_write_them),
		cmocka_unit_test(bytes_that_are_no_address_are_no_peer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
