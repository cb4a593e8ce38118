"""The rules as data: tables of rows, without code that applies them."""
