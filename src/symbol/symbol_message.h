/* SPDX-License-Identifier: Apache-2.0 */
/* symbol_message.h — numbers and texts between the process that asks for symbols and the one that reads the files.
 *
 * Words:    a message is written by `put`, sent whole, and read by `take` in the same order.
 * Broken:   what does not fit MESSAGE_MAX, or is not what was put, is refused; the other side may have lost its mind.
 * Threads:  one at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX = 1 << 20 }; /* bytes */

struct symbol_message {
	char *bytes; /* owned */
	size_t size, capacity;
	size_t taken; /* bytes read so far */
};

void symbol_message_clear(struct symbol_message *message);
void symbol_message_fini(struct symbol_message *message);

void symbol_message_put_number(struct symbol_message *message, uint64_t number);
void symbol_message_put_text(struct symbol_message *message, const char *text, size_t size);

/* false when there is none. A text lives as long as the message is not changed. */
bool symbol_message_take_number(struct symbol_message *message, uint64_t *out_number);
bool symbol_message_take_text(struct symbol_message *message, const char **out_text);

/* 0, or -1 when the other side is gone or sends nonsense. Receiving replaces the message. */
int symbol_message_send(int socket, const struct symbol_message *message);
int symbol_message_receive(int socket, struct symbol_message *message);
