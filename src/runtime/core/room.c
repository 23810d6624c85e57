/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/room.h"
#include "runtime/core/syscall.h"

static struct room *room_of_number(uint32_t number)
{
	const struct room_pool *pool = &guest_process.pool;
	return number - 1 < pool->count ? (struct room *)(pool->rooms + (size_t)(number - 1) * ROOM_SIZE)
					: NULL;
}

static _Atomic uint32_t *next_room(const struct arena *unused, uint32_t number)
{
	(void)unused;
	struct room *room = room_of_number(number);
	return room ? &room->next : NULL;
}

struct room *room_take(void)
{
	struct room_pool *pool = &guest_process.pool;
	uint32_t number = arena_list_pop(&pool->free, NULL, next_room);
	return room_of_number(number ? number : arena_take_fresh(&pool->used, pool->count));
}

void room_give_back(struct room *room)
{
	struct room_pool *pool = &guest_process.pool;
	uint32_t number = (uint32_t)(((const uint8_t *)room - pool->rooms) / ROOM_SIZE) + 1;
	arena_list_push(&pool->free, number, &room->next);
}

int rooms_renew(uint32_t count)
{
	struct room_pool *pool = &guest_process.pool;
	if (count > pool->count) {
		uint8_t *rooms = syscall_map((size_t)count * ROOM_SIZE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
		if (!rooms)
			return -1;
		pool->rooms = rooms;
		pool->count = count;
	}
	atomic_store_explicit(&pool->used, 0, memory_order_relaxed);
	atomic_store_explicit(&pool->free, 0, memory_order_relaxed);
	return 0;
}
