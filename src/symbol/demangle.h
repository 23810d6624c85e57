/* SPDX-License-Identifier: Apache-2.0 */
/* demangle.h — the name of a function as its programmer wrote it.
 *
 * Languages:  C++ (Itanium) and Rust (both schemes); any other name is returned as it is.
 * Hostile:    a name may be built so that its plain form is endless; where that is longer than DEMANGLED_MAX the name
 *             stays mangled, cut to DEMANGLED_MAX.
 * Threads:    any.
 */
#pragma once

enum { DEMANGLED_MAX = 4096 }; /* bytes */

/* A text to be freed with free(). */
char *demangle(const char *name);
