/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/demangle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void expect(const char *name, const char *plain)
{
	char *found = demangle(name);
	assert_string_equal(found, plain);
	free(found);
}

static void names_of_cpp_are_written_out(void **state)
{
	(void)state;
	expect("_ZN5store7reserveEi", "store::reserve(int)");
	expect("_ZNSt6vectorIiSaIiEE9push_backEOi",
	       "std::vector<int, std::allocator<int> >::push_back(int&&)");
	expect("_Z4sortPi.constprop.0", "sort(int*) [clone .constprop.0]");
}

static void names_of_rust_are_written_out(void **state)
{
	(void)state;
	expect("_RNvNtCs1234_4shop5order4ship", "shop::order::ship");
	expect("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad");
	expect("_ZN50_$LT$shop..Order$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
	       "<shop::Order as core::fmt::Display>::fmt");
}

static void other_names_stay(void **state)
{
	(void)state;
	expect("", "");
	expect("main", "main");
	expect("_start", "_start");
	expect("_Z", "_Z");
	expect("_R", "_R");
	expect("_Znonsense", "_Znonsense");
	expect("read_all.cold", "read_all.cold");
}

/* f(a<b, a>, …): each further type is a pair of the one before, so that its plain form is twice as long. */
static void an_endless_name_stays_mangled(void **state)
{
	(void)state;
	char name[512] = "_Z1f1aI1bS_E";
	for (const char *number = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"; *number; number++)
		sprintf(name + strlen(name), "S_IS%c_S%c_E", *number, *number);
	expect(name, name);
}

static void an_endless_text_is_cut(void **state)
{
	(void)state;
	char *name = malloc(3 * DEMANGLED_MAX);
	memset(name, 'x', 3 * DEMANGLED_MAX - 1);
	name[3 * DEMANGLED_MAX - 1] = 0;
	char *found = demangle(name);
	assert_int_equal(strlen(found), DEMANGLED_MAX);
	free(found);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_cpp_are_written_out),
		cmocka_unit_test(names_of_rust_are_written_out),
		cmocka_unit_test(other_names_stay),
		cmocka_unit_test(an_endless_name_stays_mangled),
		cmocka_unit_test(an_endless_text_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
