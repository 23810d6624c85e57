/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/image.h"

/* Pointer encodings, LSB 10.5.1. */
enum {
	FORMAT_MASK = 0x0f,
	FORMAT_NATIVE = 0x00,
	FORMAT_ULEB = 0x01,
	FORMAT_U2 = 0x02,
	FORMAT_U4 = 0x03,
	FORMAT_U8 = 0x04,
	FORMAT_SLEB = 0x09,
	FORMAT_S2 = 0x0a,
	FORMAT_S4 = 0x0b,
	FORMAT_S8 = 0x0c,
	BASE_MASK = 0xf0,
	BASE_NONE = 0x00,
	BASE_PLACE = 0x10,
	BASE_INDEX = 0x30,
};

/* The index as every linker writes it: a table of pairs of four bytes, sorted, relative to the index. */
enum { INDEX_VERSION = 1, INDEX_COUNT = FORMAT_U4, INDEX_TABLE = BASE_INDEX | FORMAT_S4, INDEX_ROW_SIZE = 8 };

enum { LENGTH_IS_64_BITS = 0xffffffff, CIE_VERSION_OLD = 1, CIE_VERSION = 3 };

/* The bytes from an address to the end of the image; failed when it is not inside. */
static struct cfi_bytes bytes_from(const struct cfi_image *image, uint64_t address)
{
	uint64_t offset = address - image->address;
	const uint8_t *end = image->bytes + image->size;
	if (offset > image->size)
		return (struct cfi_bytes){end, end, true};
	return (struct cfi_bytes){image->bytes + offset, end, false};
}

static uint64_t address_of(const struct cfi_image *image, const uint8_t *at)
{
	return image->address + (uint64_t)(at - image->bytes);
}

uint64_t cfi_pointer(struct cfi_bytes *bytes, const struct cfi_image *image, uint8_t encoding)
{
	uint64_t place = address_of(image, bytes->at), value = 0;
	switch (encoding & FORMAT_MASK) {
	case FORMAT_NATIVE:
	case FORMAT_U8:
	case FORMAT_S8:
		value = cfi_fixed(bytes, 8);
		break;
	case FORMAT_U2:
		value = cfi_fixed(bytes, 2);
		break;
	case FORMAT_U4:
		value = cfi_fixed(bytes, 4);
		break;
	case FORMAT_S2:
		value = (uint64_t)cfi_fixed_signed(bytes, 2);
		break;
	case FORMAT_S4:
		value = (uint64_t)cfi_fixed_signed(bytes, 4);
		break;
	case FORMAT_ULEB:
		value = cfi_uleb(bytes);
		break;
	case FORMAT_SLEB:
		value = (uint64_t)cfi_sleb(bytes);
		break;
	default:
		bytes->failed = true;
	}
	switch (encoding & BASE_MASK) {
	case BASE_NONE:
		return value;
	case BASE_PLACE:
		return value + place;
	case BASE_INDEX:
		return value + image->index;
	default: /* through a pointer, or relative to what .eh_frame does not tell */
		bytes->failed = true;
		return 0;
	}
}

/* The content of the CIE or FDE that begins at `bytes`. */
static struct cfi_bytes entry_of(struct cfi_bytes *bytes)
{
	uint64_t length = cfi_fixed(bytes, 4);
	if (length == LENGTH_IS_64_BITS)
		length = cfi_fixed(bytes, 8);
	return cfi_part(bytes, length);
}

/* What stands behind the augmentation's z. */
static void read_augmentation(const char *letters, struct cfi_bytes part, const struct cfi_image *image,
			      struct cfi_function *function)
{
	for (; *letters && !part.failed; letters++) {
		switch (*letters) {
		case 'R':
			function->pointer_encoding = cfi_u8(&part);
			break;
		case 'L':
			cfi_u8(&part);
			break;
		case 'P': { /* the personality routine: only its size matters, and it may well be told indirectly */
			uint8_t format = cfi_u8(&part) & FORMAT_MASK;
			cfi_pointer(&part, image, format);
			break;
		}
		case 'S':
			function->is_signal_frame = true;
			break;
		default: /* may change what the program means */
			part.failed = true;
		}
	}
	function->common.failed |= part.failed;
}

/* Returns whether the FDEs of this CIE have augmentation data too. */
static bool read_cie(struct cfi_bytes bytes, const struct cfi_image *image, struct cfi_function *function)
{
	enum { RETURN_ADDRESS = 16 };
	struct cfi_bytes cie = entry_of(&bytes);
	uint64_t id = cfi_fixed(&cie, 4);
	uint8_t version = cfi_u8(&cie);
	const char *letters = (const char *)cie.at;
	while (cfi_u8(&cie))
		;
	bool is_ours = id == 0 && (version == CIE_VERSION_OLD || version == CIE_VERSION) &&
		       !cie.failed; /* else not read on */
	if (!is_ours) {
		function->common.failed = true;
		return false;
	}
	function->code_unit = cfi_uleb(&cie);
	function->data_unit = cfi_sleb(&cie);
	uint64_t return_address = version == CIE_VERSION_OLD ? cfi_u8(&cie) : cfi_uleb(&cie);
	struct cfi_bytes augmentation = {NULL, NULL, false};
	if (*letters == 'z')
		augmentation = cfi_part(&cie, cfi_uleb(&cie));
	function->common = cie;
	function->common.failed |= (*letters && *letters != 'z') || return_address != RETURN_ADDRESS;
	if (*letters == 'z')
		read_augmentation(letters + 1, augmentation, image, function);
	return *letters == 'z';
}

/* The FDE at an address, when it is one and holds `pc`. */
static enum cfi_found read_fde(const struct cfi_image *image, uint64_t address, uint64_t pc,
			       struct cfi_function *function)
{
	struct cfi_bytes bytes = bytes_from(image, address);
	struct cfi_bytes fde = entry_of(&bytes);
	uint64_t id_address = address_of(image, fde.at);
	uint64_t id = cfi_fixed(&fde, 4);
	if (fde.failed || id == 0)
		return CFI_BAD;
	*function = (struct cfi_function){.image = image};
	bool is_augmented = read_cie(bytes_from(image, id_address - id), image, function);
	if (function->common.failed)
		return CFI_BAD;

	function->low = cfi_pointer(&fde, image, function->pointer_encoding);
	uint64_t size = cfi_pointer(&fde, image, function->pointer_encoding & FORMAT_MASK);
	function->high = function->low + size;
	if (is_augmented)
		cfi_part(&fde, cfi_uleb(&fde));
	if (fde.failed || function->high < function->low)
		return CFI_BAD;
	if (pc < function->low || pc >= function->high)
		return CFI_NONE;
	function->own = fde;
	return CFI_FOUND;
}

static int32_t row_at(const uint8_t *table, uint64_t row, unsigned half)
{
	int32_t value;
	memcpy(&value, table + row * INDEX_ROW_SIZE + 4 * half, sizeof value);
	return value;
}

enum cfi_found cfi_function_find(const struct cfi_image *image, uint64_t pc,
				 struct cfi_function *out_function)
{
	struct cfi_bytes index = bytes_from(image, image->index);
	uint8_t version = cfi_u8(&index), frames_encoding = cfi_u8(&index);
	uint8_t count_encoding = cfi_u8(&index), table_encoding = cfi_u8(&index);
	if (version != INDEX_VERSION || count_encoding != INDEX_COUNT || table_encoding != INDEX_TABLE)
		return CFI_BAD;
	cfi_pointer(&index, image, frames_encoding);
	uint64_t rows = cfi_fixed(&index, 4);
	const uint8_t *table = index.at;
	if (index.failed || !cfi_bytes_has(&index, rows * INDEX_ROW_SIZE))
		return CFI_BAD;

	int64_t wanted = (int64_t)(pc - image->index);
	if (!rows || wanted != (int32_t)wanted || wanted < row_at(table, 0, 0))
		return CFI_NONE;
	uint64_t row = 0;
	while (rows > 1) { /* the last row that begins at or before it; no branch to mispredict */
		uint64_t half = rows / 2;
		row = row_at(table, row + half, 0) <= wanted ? row + half : row;
		rows -= half;
	}
	return read_fde(image, image->index + (uint64_t)(int64_t)row_at(table, row, 1), pc, out_function);
}
