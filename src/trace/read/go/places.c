/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/places.h"
#include "base/memory.h"
#include "trace/model/clean_text.h"
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

/* Frames at one pc that are not the same get addresses of their own, above all that exist. */
#define OWN_ADDRESS (UINT64_C(1) << 63)

void go_places_init(struct go_places *places, struct survey *survey, struct go_order *order, uint64_t process)
{
	*places = (struct go_places){.survey = survey, .order = order, .process = process};
	MEMORY_GROW(places->roots, places->node_count, places->root_capacity);
	places->roots[places->node_count++] = 0;
}

void go_places_fini(struct go_places *places)
{
	key_map_fini(&places->nodes);
	key_map_fini(&places->frames);
	key_map_fini(&places->pcs);
	free(places->roots);
	free(places->names);
	*places = (struct go_places){0};
}

/* Numbers of texts are the trace's own: the survey's table has those of other traces too. */
static uint64_t survey_string(const struct go_places *places, uint32_t text)
{
	return text ? places->process | text : 0;
}

const char *go_places_name(struct go_places *places, uint32_t text)
{
	if (text >= places->name_capacity) {
		size_t capacity = 2 * (size_t)text + 64;
		places->names = memory_resize(places->names, capacity, sizeof *places->names);
		memset(places->names + places->name_capacity, 0,
		       (capacity - places->name_capacity) * sizeof *places->names);
		places->name_capacity = capacity;
	}
	if (!places->names[text]) {
		const struct go_text *found = &places->order->texts->texts[text];
		uint64_t id = places->process | text;
		string_table_add(&places->survey->strings, id, clean_text(found->bytes, found->size));
		places->names[text] = string_table_find(&places->survey->strings, id);
	}
	return places->names[text];
}

/* The address that stands for a frame in the code table. */
static uint64_t address_of(struct go_places *places, const struct go_frame *frame, uint32_t function)
{
	uint32_t file = go_order_text(places->order, frame->file);
	struct map_key key = {{(uint64_t)function << 32 | file, frame->line, frame->pc}};
	uint32_t *number = key_map_intern(&places->frames, key);
	if (*number == KEY_MAP_NONE) {
		uint32_t *taken = key_map_intern(&places->pcs, (struct map_key){{frame->pc}});
		*number = (uint32_t)places->frames.count - 1;
		bool is_own = *taken != KEY_MAP_NONE;
		if (!is_own)
			*taken = *number;
		go_places_name(places, function);
		go_places_name(places, file);
		code_table_frame(
			&places->survey->code,
			(struct code_frame){.place = {.process = places->process,
						      .address = is_own ? OWN_ADDRESS | *number : frame->pc},
					    .function = survey_string(places, function),
					    .file = survey_string(places, file),
					    .line = frame->line});
	}
	uint32_t owner = key_map_find(&places->pcs, (struct map_key){{frame->pc}});
	return owner == *number ? frame->pc : OWN_ADDRESS | *number;
}

static uint64_t node_of(struct go_places *places, uint64_t parent, const struct go_frame *frame)
{
	uint32_t function = go_order_text(places->order, frame->function);
	uint64_t address = address_of(places, frame, function);
	uint32_t *number = key_map_intern(&places->nodes, (struct map_key){{parent, address}});
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)places->node_count;
		MEMORY_GROW(places->roots, places->node_count, places->root_capacity);
		places->roots[places->node_count++] = parent ? places->roots[parent] : function;
		stack_table_add(&places->survey->stacks, places->process, *number,
				(struct stack_node){.parent = parent, .pc = address});
	}
	return *number;
}

uint64_t go_places_node(struct go_places *places, uint64_t stack_id)
{
	struct go_stack *stack = stack_id ? go_generation_stack(places->order->generation, stack_id) : NULL;
	if (!stack || !stack->frame_count)
		return 0;
	if (stack->node)
		return stack->node;
	struct go_frame frames[GO_FRAMES_MAX];
	const uint8_t *at = stack->frames;
	size_t count = 0;
	while (count < GO_FRAMES_MAX && go_stack_frame(stack, &at, &frames[count]))
		count++;
	uint64_t node = 0;
	if (places->node_count + count > GO_NODES_MAX) {
		places->refused++;
		return 0;
	}
	while (count > 0)
		node = node_of(places, node, &frames[--count]);
	stack->node = (uint32_t)node;
	return node;
}
