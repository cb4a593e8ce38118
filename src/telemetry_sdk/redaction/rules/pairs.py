"""A secret's name and its value as members of one thing: `{"name": "DB_PASSWORD", "value": "…"}`, elements, forms."""

from __future__ import annotations

from typing import NamedTuple

from .rule import BLANKS, LINE_BREAK

QUOTE = r"\\{0,15}+[\"']"

BEFORE_NAME = (
    rf"(?:(?<![A-Za-z])(?i:[a-z]{{0,16}}(?:name|key|variable|header|field|id|type))(?:{QUOTE})?\s{{0,8}}[:=]\s{{0,8}}"
    rf"(?:{QUOTE})?|<(?i:key|name|param-name|dt|t[dh])>|variable {QUOTE})"
    r"(?:[A-Za-z0-9_-]{1,32}[./:]){0,6}\Z"
)
_ANY = rf"(?:{QUOTE}[^\"'\\\n]{{0,64}}{QUOTE}|[\w-]{{1,32}}+)"
_OTHERS = rf"(?:[,;]?{BLANKS}(?:{QUOTE})?[A-Za-z][\w-]{{0,32}}(?:{QUOTE})?[ ]{{0,8}}[:=][ ]?{_ANY}){{0,4}}?"
VALUE_NEXT = (
    rf"(?:{QUOTE})?(?: \{{)?{_OTHERS}[,;]?{BLANKS}(?P<key>{QUOTE})?(?<![A-Za-z])(?:[a-z]{{1,16}}:)?"
    rf"(?i:[a-z]{{0,16}}value|secret|data|default|content)"
    rf"(?P<close>{QUOTE})?[ \t]{{0,8}}[:=][ \t]{{0,8}}"
)
VALUE_BEFORE = (
    rf"(?i:value)(?P<close>{QUOTE})?\s{{0,8}}[:=]\s{{0,8}}(?P<quote>{QUOTE})(?P<value>[^\"'\\\n]{{1,200}})(?P=quote)"
    rf"{BLANKS},?{BLANKS}(?:{QUOTE})?\Z"
)
EXAMPLES = (
    '{"name": "DB_PASSWORD", "value": "hunter2"}',
    '{"value": "hunter2", "key": "DB_PASSWORD"}',
    "ParameterKey=DBPassword,ParameterValue=hunter2",
    "- name: DB_PASSWORD\n  value: hunter2",
)
COUNTER_EXAMPLES = (
    '{"name": "HOME", "value": "hunter2"}',
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password",
)


class Element(NamedTuple):
    """What stands behind the name up to the value, the group `value`."""

    after: str
    example: str
    counter_example: str


# fmt: off
ELEMENTS: tuple[Element, ...] = (
    # an empty line, then the value: a part of a form
    Element(
     (rf"{QUOTE}(?:{LINE_BREAK}[A-Za-z-]{{1,40}}: [^\n\r\\\"]{{0,100}}){{0,4}}{LINE_BREAK}{{2}}"
      rf"(?P<value>[^\s\"'\\]{{1,512}})(?={LINE_BREAK})"),
     'Content-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b',
     'Content-Disposition: form-data; name="password"\r\n\r\n\r\n--b'),
    Element(
     (rf"(?:</(?i:key|name|param-name|dt|t[dh])>{BLANKS}<(?i:string|value|param-value|data|dd|td)>"
      rf"|{QUOTE}[^<>\n]{{0,120}}(?<!/)>(?:{BLANKS}<(?i:value)>)?|(?:>{BLANKS}<(?i:value)>))"
      r"(?P<value>[^<\"\\\n]{1,512})<"), "<key>password</key>\n<string>hunter2</string>",
     "<key>password</key>\n<string></string>"),
)
# fmt: on
