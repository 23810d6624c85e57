/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled twice: FRAMES is the name of the function, and the compiler's options say whether its frames have pointers. */
#include "unwind_frames.h"

typedef long frame_function(int depth, void (*leaf)(void));
static frame_function *const functions[8];

/* Each keeps a value over the call in a register that its callee must save, and room on its stack. */
#define FRAME(number, size)                                                                                  \
	static __attribute__((noinline)) long frame_##number(int depth, void (*leaf)(void))                  \
	{                                                                                                    \
		volatile char room[size];                                                                    \
		room[0] = (char)depth;                                                                       \
		if (depth == 0) {                                                                            \
			leaf();                                                                              \
			return room[0];                                                                      \
		}                                                                                            \
		long kept = depth * 3 + (number);                                                            \
		long result = functions[(depth * 7 + (number)) % 8](depth - 1, leaf);                        \
		return result + kept + room[0];                                                              \
	}
FRAME(0, 8)
FRAME(1, 24)
FRAME(2, 40)
FRAME(3, 72)
FRAME(4, 136)
FRAME(5, 200)
FRAME(6, 16)
FRAME(7, 500)

static frame_function *const functions[8] = {frame_0, frame_1, frame_2, frame_3,
					     frame_4, frame_5, frame_6, frame_7};

long FRAMES(int depth, void (*leaf)(void))
{
	return functions[depth % 8](depth - 1, leaf) + 1;
}
