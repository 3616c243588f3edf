"""A finished Word file, read as the page it prints: HTML that keeps its styles, numbers, tables, frames, headers and pictures."""
