/* SPDX-License-Identifier: Apache-2.0 */
/* module_cache.h — files with code that were asked about lately, kept open.
 *
 * Memory:   MODULES_OPEN_MAX files at most; the one asked about longest ago goes first. A file that could not be opened
 *           is remembered in the same way.
 * Threads:  one at a time.
 */
#pragma once
#include "symbol/code_module.h"

enum { MODULES_OPEN_MAX = 64 };

struct module_cache;

struct module_cache *module_cache_create(void);
void module_cache_destroy(struct module_cache *cache);

/* The module, until the next call for another; NULL when there is no such file with this build id. */
struct code_module *module_cache_borrow(struct module_cache *cache, const char *path, const char *build_id);
