/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h — what every target defines; called by libFuzzer, or by replay.c with the corpus. */
#pragma once
#include <stddef.h>
#include <stdint.h>

__attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
