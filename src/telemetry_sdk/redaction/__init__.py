"""Takes secrets out of bug reports, and nothing else.

The user sends code and conversation deliberately; hashes, ids, paths and images stay. A secret is replaced by a mark,
`[redacted:<kind>]`. Patterns can miss a secret: whoever shows the result must say so.

`rules`: the tables (tokens, contexts, commands, names, separators). `engine`: candidates by keyword, match, replace.
`names`: the values that names give away. `structure` redacts parsed JSON, `text` redacts text.

The patterns are our own, since the field's rule sets find secrets in repositories, one finding a line: they do not take
them out of JSON that has to parse afterwards. Their facts are used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .structure import redact_structure
    from .text import redact_chunks, redact_secrets, redact_text

__all__ = ["redact_chunks", "redact_secrets", "redact_structure", "redact_text"]


if not TYPE_CHECKING:  # to a type checker a name that is not there is an error

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import structure, text

        return getattr(structure if name == "redact_structure" else text, name)
