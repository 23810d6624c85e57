/* SPDX-License-Identifier: Apache-2.0 */
/* pause.h — slow work that uses no CPU: a sleep, written down as such, in the function of this name. */
#pragma once

void pause_ms(unsigned milliseconds);
