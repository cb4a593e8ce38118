"""Exception classes of the standard library that no Python file defines under their module's name.

They are written in C, or added by a later Python. A process that has not loaded their module knows them by this list.
"""

from __future__ import annotations

_BY_MODULE = {
    "_csv": "Error",
    "_curses": "error",
    "_curses_panel": "error",
    "_hashlib": "UnsupportedDigestmodError",
    "_lzma": "LZMAError",
    "_pickle": "PickleError PicklingError UnpicklingError",
    "_queue": "Empty",
    "_tkinter": "TclError",
    "asyncio.queues": "QueueShutDown",
    "audioop": "error",
    "binascii": "Error Incomplete",
    "configparser": "MultilineContinuationError",
    "ctypes": "ArgumentError",
    "dbm.sqlite3": "error",
    "decimal": (
        "Clamped ConversionSyntax DecimalException DivisionByZero DivisionImpossible DivisionUndefined "
        "FloatOperation Inexact InvalidContext InvalidOperation Overflow Rounded Subnormal Underflow"
    ),
    "email.errors": "HeaderWriteError",
    "importlib.resources.abc": "TraversalError",
    "locale": "Error",
    "nis": "error",
    "ossaudiodev": "OSSAudioError",
    "queue": "ShutDown",
    "re": "PatternError",
    "signal": "itimer_error",
    "socket": "gaierror herror",
    "sqlite3": (
        "DataError DatabaseError Error IntegrityError InterfaceError InternalError NotSupportedError "
        "OperationalError ProgrammingError Warning"
    ),
    "ssl": (
        "SSLCertVerificationError SSLEOFError SSLError SSLSyscallError SSLWantReadError SSLWantWriteError "
        "SSLZeroReturnError"
    ),
    "struct": "error",
    "termios": "error",
    "tomllib": "TOMLDecodeError",
    "xml.parsers.expat": "ExpatError",
    "zlib": "error",
}
STANDARD_EXCEPTIONS = frozenset((module, name) for module, names in _BY_MODULE.items() for name in names.split())
