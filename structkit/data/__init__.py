"""Rows and what they hold: columns on disk, the table made of them, and the items that become arrays."""
