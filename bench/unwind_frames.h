/* SPDX-License-Identifier: Apache-2.0 */
/* unwind_frames.h — a recursion over functions of different frame sizes, in code without frame pointers and with them. */
#pragma once

long frames_without_pointers(int depth, void (*leaf)(void));
long frames_with_pointers(int depth, void (*leaf)(void));
