"""Reads a configuration that is never there."""


class ConfigError(Exception):
    """The configuration cannot be used."""


def load(path: str) -> str:
    """Fail as a file that is missing does."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def configure(path: str) -> str:
    """Fail with a cause."""
    try:
        return load(path)
    except OSError as error:
        raise ConfigError(path) from error
