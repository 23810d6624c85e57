/* SPDX-License-Identifier: Apache-2.0 */
/* compile.h — the rule of an address: what the walk needs of its row, in 25 bits. */
#pragma once
#include "cfi/image.h"
#include "cfi/rule.h"

/* RULE_NONE where the image has nothing for the address, RULE_SLOW where rsp and rbp are not enough or the bytes are
 * bad. Safe in a signal handler, 0.5 KiB of stack. */
uint32_t cfi_rule_at(const struct cfi_image *image, uint64_t pc);
