"""Reads transcripts as agents write them, message by message, in constant memory.

`source` picks the format; `json_lines`, `json_document` and `text_messages` read it; `decoding` turns bytes into text.
"""
