/* SPDX-License-Identifier: Apache-2.0 */
/* proc_file.h — the texts that the kernel has about processes and threads.
 *
 * All may vanish with their process: then there is no text. Bounded by PROC_TEXT_MAX.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { PROC_TEXT_MAX = 4 << 20 };

/* The content of a file named by a format, terminated by zero (it may hold more); NULL when it cannot be read.
 * The caller frees it. out_size may be NULL. */
char *proc_read(size_t *out_size, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The number behind `key` in a text of lines "key number"; 0 when there is none. */
uint64_t proc_number(const char *text, const char *key);

/* The parent of a process; 0 when the process is gone. */
uint32_t proc_parent(uint32_t pid);

/* Where a link named by a format points; NULL when there is none. The caller frees it. */
char *proc_link(const char *format, ...) __attribute__((format(printf, 1, 2)));
