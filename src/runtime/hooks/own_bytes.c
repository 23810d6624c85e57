/* SPDX-License-Identifier: Apache-2.0 */
/* own_bytes.c — what the guest and the compiler need of <string.h>, hidden: a program may have functions of these names, and
 * they are not made to be called in the middle of any of its calls. What is copied and compared here is short. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OWN __attribute__((visibility("hidden")))

/* Keeps the compiler from finding that a loop is the function that it stands in. */
#define A_LOOP __asm__ volatile("")

OWN void *memcpy(void *__restrict to, const void *__restrict from, size_t size)
{
	void *start = to;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return start;
}

OWN size_t strlen(const char *text)
{
	size_t size = 0;
	for (; text[size]; size++)
		A_LOOP;
	return size;
}

OWN size_t strnlen(const char *text, size_t most)
{
	size_t size = 0;
	for (; size < most && text[size]; size++)
		A_LOOP;
	return size;
}

OWN void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *target = to;
	const unsigned char *source = from;
	if (target <= source)
		return memcpy(to, from, size);
	while (size--) {
		target[size] = source[size];
		A_LOOP;
	}
	return to;
}

OWN int memcmp(const void *left, const void *right, size_t size)
{
	const unsigned char *a = left, *b = right;
	for (; size; size--, a++, b++) {
		A_LOOP;
		if (*a != *b)
			return *a - *b;
	}
	return 0;
}

OWN int strncmp(const char *left, const char *right, size_t most)
{
	const unsigned char *a = (const unsigned char *)left, *b = (const unsigned char *)right;
	for (; most; most--, a++, b++) {
		A_LOOP;
		if (*a != *b || !*a)
			return *a - *b;
	}
	return 0;
}

OWN int strcmp(const char *left, const char *right)
{
	return strncmp(left, right, SIZE_MAX);
}

/* How far the text goes before its first byte that is (or is not) in the set. */
static size_t span(const char *text, const char *set, bool is_in)
{
	size_t size = 0;
	for (; text[size]; size++) {
		const char *at = set;
		while (*at && *at != text[size])
			at++;
		if ((*at != 0) != is_in)
			break;
	}
	return size;
}

OWN size_t strspn(const char *text, const char *accepted)
{
	return span(text, accepted, true);
}

OWN size_t strcspn(const char *text, const char *rejected)
{
	return span(text, rejected, false);
}
