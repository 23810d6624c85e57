/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/demangle.h"
#include <demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include "base/memory.h"

struct plain_name {
	char text[DEMANGLED_MAX];
	size_t size;
	jmp_buf is_too_long;
};

/* libiberty prints as long as it finds something to print, which a short name of nested back references can keep up for
 * ever. Leaving is the only way to stop it; it holds no memory of the heap for C++ names, and for Rust's at most that of
 * one identifier. */
static void append(const char *piece, size_t size, void *context)
{
	struct plain_name *plain = context;
	if (size > sizeof plain->text - plain->size)
		longjmp(plain->is_too_long, 1);
	memcpy(plain->text + plain->size, piece, size);
	plain->size += size;
}

char *demangle(const char *name)
{
	size_t name_size = strnlen(name, DEMANGLED_MAX);
	struct plain_name plain = {.size = 0};
	/* "_Z" C++ and old Rust, "_R" new Rust. */
	if (name[0] != '_' || (name[1] != 'Z' && name[1] != 'R') || name_size == DEMANGLED_MAX)
		return memory_copy_text(name, name_size);
	if (setjmp(plain.is_too_long) == 0) {
		if (rust_demangle_callback(name, DMGL_NO_OPTS, append, &plain))
			return memory_copy_text(plain.text, plain.size);
		plain.size = 0;
		if (cplus_demangle_v3_callback(name, DMGL_PARAMS | DMGL_ANSI, append, &plain))
			return memory_copy_text(plain.text, plain.size);
	}
	return memory_copy_text(name, name_size);
}
