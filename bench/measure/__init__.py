# SPDX-License-Identifier: Apache-2.0
"""How figures are taken: control groups, sides in turn and side by side, intervals, rows of the table."""
