/* SPDX-License-Identifier: Apache-2.0 */
/* clean_text.h — text from a trace, made safe to print and to put into JSON.
 *
 * Promise:  the copy is valid UTF-8 without control characters: each byte that is neither becomes U+FFFD, tabs and line ends
 *           become spaces. A name in a trace can therefore not move a terminal's cursor.
 */
#pragma once
#include "record/event.h"

/* A heap copy, ended by zero. */
char *clean_text(const void *bytes, size_t size);

/* The same of an event's text field. */
char *clean_text_of(const struct event_value *value);
