/* SPDX-License-Identifier: Apache-2.0 */
/* For unload_test: two libraries of this, with frames of different sizes and all code at the same places. */
__attribute__((visibility("default"))) void plugin_call(void (*leaf)(void *), void *argument, int depth);

void plugin_call(void (*leaf)(void *), void *argument, int depth)
{
	volatile char room[PLUGIN_FRAME];
	room[0] = 0;
	room[PLUGIN_FRAME - 1] = 0;
	if (depth)
		plugin_call(leaf, argument, depth - 1);
	else
		leaf(argument);
	(void)room[0];
}
