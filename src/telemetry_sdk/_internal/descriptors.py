"""Reads exceptions, classes and modules by the built-in types' own descriptors, which no subclass overrides."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

class_dict: Any = type.__dict__["__dict__"].__get__
class_mro: Any = type.__dict__["__mro__"].__get__
class_name: Any = type.__dict__["__name__"].__get__
class_qualname: Any = type.__dict__["__qualname__"].__get__
module_dict: Any = vars(type(sys))["__dict__"].__get__

args: Any = BaseException.__dict__["args"].__get__
instance_dict: Any = BaseException.__dict__["__dict__"].__get__
cause: Any = BaseException.__dict__["__cause__"].__get__
context: Any = BaseException.__dict__["__context__"].__get__
suppresses_context: Any = BaseException.__dict__["__suppress_context__"].__get__
traceback: Any = BaseException.__dict__["__traceback__"].__get__
group_members: Any = BaseExceptionGroup.__dict__["exceptions"].__get__
error_number: Any = OSError.__dict__["errno"].__get__
