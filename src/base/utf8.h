/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h — characters of UTF-8 in bytes that may be anything.
 *
 * Source: The Unicode Standard 15.0, table 3-7.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at `at`, of which `left` (at least 1) are there; 0 when there is none. */
size_t utf8_character_size(const uint8_t *at, size_t left);

/* Whether the well-formed character is a control character (C0, DEL, C1), which a terminal would obey. */
bool utf8_is_control(const uint8_t *at);

/* Bytes of a text of well-formed characters without the last one, when the end of the bytes has cut that. */
size_t utf8_whole_size(const uint8_t *text, size_t size);
