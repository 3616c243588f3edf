"""Names and measures of WordprocessingML (ECMA-376, part 1)."""

from __future__ import annotations

import re

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
ASVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
ADEC = "http://schemas.microsoft.com/office/drawing/2017/decorative"
VML = "urn:schemas-microsoft-com:vml"

MM = 72 / 25.4          # points in a millimetre
EMU = 1 / 12700         # points in an English metric unit
TWIP = 1 / 20           # points in a twentieth of a point

_UNITS = {"pt": 1.0, "pc": 12.0, "pi": 12.0, "in": 72.0, "cm": 10 * MM, "mm": MM}
_MEASURE = re.compile(r"^(-?[0-9]+(?:\.[0-9]+)?)(pt|pc|pi|in|cm|mm)?$")


def w(name: str) -> str:
    """A name of the main vocabulary as lxml writes it."""
    return f"{{{W}}}{name}"


def r(name: str) -> str:
    """A name of the relationships vocabulary as lxml writes it."""
    return f"{{{R}}}{name}"


def attribute(element: etree._Element | None, name: str = "val") -> str | None:
    """An attribute of the main vocabulary; None where element or attribute is missing."""
    return None if element is None else element.get(w(name))


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of that name in the main vocabulary."""
    return None if element is None else element.find(w(name))


def points(value: str | None, unit: float = TWIP) -> float | None:
    """A measure in points: a bare number counts in `unit`, as most of Word's do in twips; None where it is none."""
    match = _MEASURE.match(value or "")
    if match is None:
        return None
    return float(match[1]) * (_UNITS[match[2]] if match[2] else unit)


def truth(element: etree._Element | None) -> bool | None:
    """An on/off property: present without value is on; None where it is missing."""
    if element is None:
        return None
    return element.get(w("val"), "true") not in ("0", "false", "off", "none")


def local(element: etree._Element) -> str:
    """The name of an element without its vocabulary."""
    return etree.QName(element).localname


def length(value: float) -> str:
    """Points as CSS writes them, to a thousandth: the same number always the same text."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "pt" if abs(value) >= 0.0005 else "0"


def truth_value(value: str | None) -> bool:
    """An on/off attribute; missing is off."""
    return value is not None and value not in ("0", "false", "off")
