/* SPDX-License-Identifier: Apache-2.0 */
/* unload.c — what takes code out of the process: until it is over, and from then on, no rule that was known before counts
 * (rule_cache.h). What the loader runs meanwhile, destructors and other threads, is walked with rules made anew.
 *
 * Not hooked is what libc unloads on its own account beside iconv_close: converters of wide streams and locales.
 */
#include "runtime/hooks/hook.h"
#include "runtime/unwind/rule_cache.h"

HOOK int dlclose(void *handle)
{
	rule_cache_unload_begin();
	int result = real_dlclose(handle);
	rule_cache_unload_end();
	return result;
}

HOOK int iconv_close(iconv_t converter)
{
	rule_cache_unload_begin();
	int result = real_iconv_close(converter);
	rule_cache_unload_end();
	return result;
}
