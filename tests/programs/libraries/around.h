/* SPDX-License-Identifier: Apache-2.0 */
/* around.h — a library that is there before and behind all others, see around.c. */
#pragma once

/* Signals handled so far. */
__attribute__((visibility("default"))) int around_handled(void);
