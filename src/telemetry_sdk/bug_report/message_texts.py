"""Where the text of user, assistant and system stands in the messages that agents write: a role, and a place of text.

What is not found here is not known to be somebody's text, such as tool output.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USER, ASSISTANT, SYSTEM = "user", "assistant", "system"


class _MessageShape(NamedTuple):
    """`role`: the path of the value that names the role; `text`: the path of the text; `names`: role names, if few."""

    role: str
    text: str
    names: Mapping[str, str]


_NAMES = {
    **dict.fromkeys((USER, "human", "User"), USER),
    **dict.fromkeys((ASSISTANT, "ai", "model", "gemini", "Assistant"), ASSISTANT),
    **dict.fromkeys((SYSTEM, "developer"), SYSTEM),
}
_NO_SYSTEM = {name: role for name, role in _NAMES.items() if role != SYSTEM}
_EVENTS = {"user_message": USER, "agent_message": ASSISTANT}
_ROWS = (
    _MessageShape("message.role", "message.content", _NAMES),  # Claude Code
    _MessageShape("payload.role", "payload.content", _NAMES),  # Codex
    _MessageShape("payload.type", "payload.message", _EVENTS),  # Codex
    _MessageShape("info.role", "parts", _NAMES),  # opencode
    _MessageShape("role", "content", _NAMES),  # OpenAI, Anthropic, Bedrock, goose, gptme, mini-swe-agent
    _MessageShape("role", "parts", _NAMES),  # Gemini
    _MessageShape("kwargs.type", "kwargs.content", _NAMES),  # LangChain, dumped
    _MessageShape("type", "data.content", _NAMES),  # LangChain, messages_to_dict
    _MessageShape(
        "type", "content", _NO_SYSTEM
    ),  # Gemini CLI, LangChain; Claude Code's "system" holds output of commands
)
_ALONE = {  # keys of records without a role, each with the keys that must stand beside it
    "prompt": (USER, ("response",)),  # llm
    "response": (ASSISTANT, ("prompt",)),
    "system": (SYSTEM, ("prompt", "response")),
    "task": (USER, ()),  # smolagents
    "model_output": (ASSISTANT, ("step_number",)),
    "system_prompt": (SYSTEM, ()),
}
_KINDS = {"user-prompt": USER, "system-prompt": SYSTEM, "text": ASSISTANT}  # pydantic-ai's parts
_TEXT_TYPES = frozenset(("text", "input_text", "output_text"))
# Of what an agent or a tool hands over in the user's role.
_PUT_IN = ("isMeta", "isCompactSummary", "sourceToolUseID", "tool_call_id")
_TYPES = frozenset((*_NAMES, "message", "text"))  # of what holds a role and a text
_TOOL_TYPE = re.compile(r"tool|function|output|result|observation", re.IGNORECASE)
_RECIPIENTS = (None, "", "all", "user", "assistant")  # others are tools
_OUTPUT = re.compile(  # tool output that agents hand to the model as the user's text
    r"\s*(?:<(?:bash-std|local-command-std|returncode|output\b|tool_result|function_results|environment_details)"
    r"|\[[\w-]+(?: for '[^']*')?\] Result:|observation:|tool (?:output|result|response)\b)",
    re.IGNORECASE,
)

MessageText: TypeAlias = tuple[str, str]
"""A role and a text."""


def role_of(message: Any) -> str | None:
    """Return the role as the message names it, None if it names none."""
    for row in _ROWS:
        found = _at(message, row.role)
        if isinstance(found, str):
            return found
    given = _at(message, "texts")  # of several roles: what is left of such a message without the output of tools
    named = cast("Sequence[Any]", given) if isinstance(given, list) else []
    roles = [str(_at(text, "role")) for text in named] or [role for role, _ in message_texts(message)]
    return ", ".join(dict.fromkeys(roles)) or None


def message_texts(message: Any) -> list[MessageText]:
    """Return the texts of user, assistant and system in a message of plain data; output of tools is none."""
    if any(_at(message, key) for key in _PUT_IN) or _is_of_tool(message):
        return []
    found = _by_row(message) or _by_part(message) or _by_key(message)
    return [(role, text) for role, text in found if not (role == USER and _OUTPUT.match(text))]


def _by_row(message: Any) -> list[MessageText]:
    for row in _ROWS:
        name = _at(message, row.role)
        role = row.names.get(name) if isinstance(name, str) else None
        holder = row.role.rpartition(".")[0]
        if (
            role is not None
            and _may_hold_text(_at(message, holder) if holder else message, row)
            and (texts := _texts(_at(message, row.text)))
        ):
            return [(role, text) for text in texts]
    return []


def _is_of_tool(message: Any) -> bool:
    kind = _at(message, "type")
    return (isinstance(kind, str) and _TOOL_TYPE.search(kind) is not None) or not _is_for_people(message)


def _may_hold_text(holder: Any, row: _MessageShape) -> bool:
    """Tell whether the object that names the role holds somebody's text, by its type and its recipient."""
    kind = _at(holder, "type")
    return _is_for_people(holder) and (not isinstance(kind, str) or kind in _TYPES or row.role.endswith("type"))


def _is_for_people(message: Any) -> bool:
    return _at(message, "recipient") in _RECIPIENTS


def _by_part(message: Any) -> list[MessageText]:
    """Return the texts of pydantic-ai's messages, whose parts name their roles."""
    parts = _at(message, "parts")
    if not isinstance(parts, list) or _at(message, "kind") not in {"request", "response"}:
        return []
    rows = [(_KINDS.get(str(_at(part, "part_kind"))), _at(part, "content")) for part in cast("Sequence[Any]", parts)]
    return [(role, text) for role, content in rows if role is not None for text in _texts(content)]


def _by_key(message: Any) -> list[MessageText]:
    if not isinstance(message, dict):
        return []
    found = cast("Mapping[str, Any]", message)
    return [
        (role, found[key])
        for key, (role, beside) in _ALONE.items()
        if isinstance(found.get(key), str) and all(other in found for other in beside)
    ]


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = cast("Mapping[str, Any]", value).get(key)
    return value


def _texts(content: Any) -> list[str]:
    """Return the texts of a message's content: a string, or a list of strings and of blocks of text."""
    if isinstance(content, str):
        return [content] if content else []
    if not isinstance(content, list):
        return []
    return [text for block in cast("Sequence[Any]", content) if (text := _block_text(block))]


def _block_text(block: Any) -> str:
    if isinstance(block, str):
        return block
    text = _at(block, "text")
    is_text = isinstance(text, str) and (_at(block, "type") in _TEXT_TYPES or block.keys() == {"text"})
    return text if is_text and not _at(block, "synthetic") else ""
