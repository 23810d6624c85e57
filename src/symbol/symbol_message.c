/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/symbol_message.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/memory.h"

void symbol_message_clear(struct symbol_message *message)
{
	message->size = message->taken = 0;
}

void symbol_message_fini(struct symbol_message *message)
{
	free(message->bytes);
	*message = (struct symbol_message){0};
}

static char *make_room(struct symbol_message *message, size_t size)
{
	size_t needed = message->size + size;
	if (needed > message->capacity) {
		message->capacity = needed > 2 * message->capacity ? needed : 2 * message->capacity;
		message->bytes = memory_resize(message->bytes, message->capacity, 1);
	}
	char *room = message->bytes + message->size;
	message->size = needed;
	return room;
}

void symbol_message_put_number(struct symbol_message *message, uint64_t number)
{
	memcpy(make_room(message, sizeof number), &number, sizeof number);
}

void symbol_message_put_text(struct symbol_message *message, const char *text, size_t size)
{
	char *room = make_room(message, size + 1);
	memcpy(room, text, size);
	room[size] = 0;
}

bool symbol_message_take_number(struct symbol_message *message, uint64_t *out_number)
{
	if (message->size - message->taken < sizeof *out_number)
		return false;
	memcpy(out_number, message->bytes + message->taken, sizeof *out_number);
	message->taken += sizeof *out_number;
	return true;
}

bool symbol_message_take_text(struct symbol_message *message, const char **out_text)
{
	if (message->taken == message->size)
		return false;
	const char *text = message->bytes + message->taken;
	const char *end = memchr(text, 0, message->size - message->taken);
	if (!end)
		return false;
	message->taken += (size_t)(end + 1 - text);
	*out_text = text;
	return true;
}

static int send_all(int socket, const void *bytes, size_t size)
{
	for (const char *at = bytes; size;) {
		ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
		at += sent;
		size -= (size_t)sent;
	}
	return 0;
}

static int receive_all(int socket, void *bytes, size_t size)
{
	for (char *at = bytes; size;) {
		ssize_t received = recv(socket, at, size, 0);
		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0)
			return -1;
		at += received;
		size -= (size_t)received;
	}
	return 0;
}

int symbol_message_send(int socket, const struct symbol_message *message)
{
	uint32_t size = (uint32_t)message->size;
	if (message->size > MESSAGE_MAX)
		return -1;
	return send_all(socket, &size, sizeof size) || send_all(socket, message->bytes, size) ? -1 : 0;
}

int symbol_message_receive(int socket, struct symbol_message *message)
{
	uint32_t size;
	symbol_message_clear(message);
	if (receive_all(socket, &size, sizeof size) || size > MESSAGE_MAX)
		return -1;
	return receive_all(socket, make_room(message, size), size);
}
