"""HTML as a tree: whatever is put in is text and leaves escaped."""

from xml.etree import ElementTree as ET

__all__ = ["Element", "Node", "element", "serialise"]

Element = ET.Element
Node = Element | str | None


def element(name: str, /, *children: Node, **attributes: object) -> Element:
    """
    Return an element with its attributes and children, None among them left out.

    In names of attributes an underscore stands for a hyphen, one at the end for nothing.
    """
    told = {
        key.rstrip("_").replace("_", "-"): str(value)
        for key, value in attributes.items()
        if value is not None
    }
    made = Element(name, told)
    for child in children:
        if isinstance(child, str):
            _add_text(made, child)
        elif child is not None:
            made.append(child)
    return made


def serialise(root: Element) -> str:
    """Return the document of *root*."""
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"


def _add_text(parent: Element, text: str) -> None:
    """Put *text* where ElementTree keeps it: on the parent, or behind its last child."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
