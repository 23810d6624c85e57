/* SPDX-License-Identifier: Apache-2.0 */
/* peer_name.h — a socket address, as bytes from a trace, as people write it. */
#pragma once
#include <stddef.h>

enum { PEER_NAME_MAX = 128 };

/* "192.0.2.1:80", "[2001:db8::1]:80", "unix:/run/x.sock", "unix:@abstract". Returns 1; 0 with an empty text when there is no
 * peer. Bytes of another family give "family N". */
int peer_name(const void *address, size_t size, char out_text[PEER_NAME_MAX]);
