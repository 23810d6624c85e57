/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/order.h"
#include <string.h>
#include <stdbool.h>

void go_order_init(struct go_order *order, const struct go_limits *limits, struct go_texts *texts,
		   bool is_strict)
{
	*order = (struct go_order){.texts = texts, .is_strict = is_strict, .leaving = ID_MAP_NONE};
	order->span_key = go_texts_intern(texts, GO_SPAN_KEY, strlen(GO_SPAN_KEY));
	go_scheduler_init(&order->scheduler, limits);
}

void go_order_fini(struct go_order *order)
{
	go_scheduler_fini(&order->scheduler);
}

void go_order_enter(struct go_order *order, const struct go_generation *generation)
{
	order->generation = generation;
}

uint32_t go_order_text(struct go_order *order, uint64_t string_id)
{
	struct go_string *string = string_id ? go_generation_string(order->generation, string_id) : NULL;
	if (!string)
		return 0;
	if (!string->text)
		string->text = go_texts_intern(order->texts, string->bytes, string->size);
	return string->text;
}
