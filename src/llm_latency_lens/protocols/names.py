"""Names that a server gives: models, ids, types, reasons. They go to reports and terminals."""

__all__ = ["name_of"]

# Names that a server makes up at will must not fill a report, nor the memory.
_LONGEST_NAME = 256


def name_of(value: object) -> str | None:
    """
    Return a name that a server gave, short enough to keep; None for what is no text.

    What cannot be printed becomes a question mark: a lone surrogate, which is legal in JSON,
    would break the report that it is written to, and an escape sequence the terminal.
    """
    if not isinstance(value, str) or not value:
        return None
    name = value[:_LONGEST_NAME]
    if name.isprintable():
        return name
    return "".join(each if each.isprintable() else "?" for each in name)
