/* SPDX-License-Identifier: Apache-2.0 */
/* stack_nodes.h — tells the trace the nodes that a process added to its calling-context tree. */
#pragma once
#include "agent/recorded.h"

/* Tells the nodes that are new since the last call. One that is not whole yet (its thread is between two steps) is
 * told by a later call. Sets has_unknown_code when a node lies outside the mappings known. */
void stack_nodes_tell(struct recorded *recorded, struct journal *journal);

/* To be called when mappings were read again: finds the places of addresses that lay in none. */
void stack_nodes_place(struct recorded *recorded, struct journal *journal);
