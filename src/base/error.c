/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *out_error, const char *format, ...)
{
	if (!out_error)
		return -1;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(out_error->text, sizeof out_error->text, format, arguments);
	va_end(arguments);
	return -1;
}

int error_set_errno(struct error *out_error, int error_number, const char *format, ...)
{
	if (!out_error)
		return -1;
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(out_error->text, sizeof out_error->text, format, arguments);
	va_end(arguments);
	if (size >= 0 && (size_t)size < sizeof out_error->text)
		snprintf(out_error->text + size, sizeof out_error->text - (size_t)size, ": %s%s",
			 strerrordesc_np(error_number),
			 error_number == EMFILE ? "; allow more with ulimit -n" : "");
	return -1;
}
