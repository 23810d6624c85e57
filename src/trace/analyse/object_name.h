/* SPDX-License-Identifier: Apache-2.0 */
/* object_name.h — what a wait was for, in words: "0x55d0c0de1040", "/var/lib/orders.db", "192.0.2.1:5432", "epoll", "fd 7". */
#pragma once
#include "trace/read/survey.h"
#include "trace/model/wait_sites.h"

enum { OBJECT_NAME_MAX = 4200 }; /* bytes; longer ones are cut */

/* Empty when nothing is known of it. */
void object_name(const struct survey *survey, struct object_id object, char out_text[OBJECT_NAME_MAX]);
