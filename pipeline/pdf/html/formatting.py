"""Word's properties of paragraphs and characters: read once into plain values, merged, then said in CSS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from lxml import etree

from pipeline.pdf.html.names import MM, TWIP, attribute, child, length, local, points, truth, truth_value, w

Properties: TypeAlias = dict[str, Any]          # Word's meaning under short names; merged from general to special
Declarations: TypeAlias = dict[str, str]        # CSS

# Families of other houses that have a metric twin among the free fonts, so that lines break where Word breaks them.
_TWINS = {
    "arial": "Liberation Sans", "helvetica": "Liberation Sans", "calibri": "Liberation Sans", "aptos": "Liberation Sans",
    "times new roman": "Liberation Serif", "times": "Liberation Serif", "cambria": "Liberation Serif",
    "courier new": "Liberation Mono", "courier": "Liberation Mono", "consolas": "Liberation Mono",
    "arial narrow": "Liberation Sans Narrow",
}
LARGEST = 1638.0          # points: no letter of Word is larger
_HEX = re.compile(r"[0-9A-Fa-f]{6}")
FALLBACK = ("Liberation Sans", "DejaVu Sans")
# Height of a single-spaced line in units of the font size (ascent + descent + line gap of the font files).
_LINE = {"Liberation Sans": 1.149, "Liberation Serif": 1.149, "Liberation Mono": 1.1328, "Liberation Sans Narrow": 1.149, "DejaVu Sans": 1.164}

_ALIGN = {"left": "left", "start": "left", "center": "center", "right": "right", "end": "right", "both": "justify", "distribute": "justify"}
_LINES = {"double": "double", "dotted": "dotted", "dashed": "dashed", "dashSmallGap": "dashed", "dotDash": "dashed", "nil": "none", "none": "none"}
_HIGHLIGHTS = {
    "yellow": "#ffff00", "green": "#00ff00", "cyan": "#00ffff", "magenta": "#ff00ff", "blue": "#0000ff", "red": "#ff0000",
    "darkBlue": "#000080", "darkCyan": "#008080", "darkGreen": "#008000", "darkMagenta": "#800080", "darkRed": "#800000",
    "darkYellow": "#808000", "darkGray": "#808080", "lightGray": "#c0c0c0", "black": "#000000", "white": "#ffffff",
}
_SIDES = {"top": "top", "bottom": "bottom", "left": "left", "start": "left", "right": "right", "end": "right"}


# Reading -----------------------------------------------------------------------------------------


def paragraph(element: etree._Element | None) -> Properties:
    """What a `w:pPr` says about its paragraph; numbering stays with the numbering room."""
    found: Properties = {}
    for item in () if element is None else element:
        reader = _PARAGRAPH.get(local(item))
        if reader:
            found.update(reader(item))
    return found


def run(element: etree._Element | None, theme: Mapping[str, str] | None = None) -> Properties:
    """What a `w:rPr` says about its characters; `theme` names the fonts behind theme references."""
    found: Properties = {}
    for item in () if element is None else element:
        name = local(item)
        if name in SWITCHES:
            found[name] = truth(item)
        elif name == "rFonts":
            family = item.get(w("ascii")) or item.get(w("hAnsi"))
            reference = item.get(w("asciiTheme")) or item.get(w("hAnsiTheme"))
            if reference and theme and theme.get(reference[:5]):
                family = theme[reference[:5]]
            if family:
                found["font"] = family
        elif name in _RUN:
            found.update(_RUN[name](item))
    return found


def _indent(item: etree._Element) -> Iterator[tuple[str, Any]]:
    for key, names in (("left", ("left", "start")), ("right", ("right", "end"))):
        value = next((points(item.get(w(name))) for name in names if item.get(w(name))), None)
        if value is not None:
            yield key, value
    if item.get(w("hanging")):
        yield "first", -(points(item.get(w("hanging"))) or 0.0)
    elif item.get(w("firstLine")):
        yield "first", points(item.get(w("firstLine"))) or 0.0


def _spacing(item: etree._Element) -> Iterator[tuple[str, Any]]:
    for side in ("before", "after"):
        if truth_value(item.get(w(f"{side}Autospacing"))):
            yield side, 14.0          # Word's own measure for "automatic"
        elif item.get(w(side)) is not None:
            yield side, points(item.get(w(side))) or 0.0
    line = item.get(w("line"))
    if line is not None:
        rule = item.get(w("lineRule"), "auto")
        yield "line", (rule, (points(line) or 12.0) * (1.0 if rule != "auto" else 20 / 240))



def border(item: etree._Element) -> tuple[str, float, str, float] | None:
    """A border line as style, width in points, colour, distance in points; None where there is none."""
    style = _LINES.get(item.get(w("val"), "single"), "solid")
    if style == "none":
        return None
    width = (points(item.get(w("sz")), 1 / 8) or 0.5) * (3 if style == "double" else 1)
    colour = item.get(w("color"), "auto")
    return style, width, coloured(colour), points(item.get(w("space")), 1.0) or 0.0


def _borders(item: etree._Element) -> Iterator[tuple[str, Any]]:
    for side in item:
        name = local(side)
        if name in _SIDES:
            yield f"border-{_SIDES[name]}", border(side)
        elif name == "between":
            yield "border-between", border(side)


def coloured(value: str) -> str:
    """A colour as CSS: six digits; black for "auto" and for what is none."""
    return f"#{value}" if _HEX.fullmatch(value) else "#000000"


def shading(item: etree._Element) -> Iterator[tuple[str, Any]]:
    """The colour behind text, paragraph or cell."""
    fill = item.get(w("fill"), "auto")
    if fill != "auto":
        yield "fill", coloured(fill)
    elif item.get(w("val")) not in ("solid",):
        yield "fill", None


def _tabs(item: etree._Element) -> Iterator[tuple[str, Any]]:
    stops = [(points(tab.get(w("pos"))) or 0.0, tab.get(w("val"), "left"), tab.get(w("leader"), "none")) for tab in item]
    yield "tabs", tuple(stops)


def _frame(item: etree._Element) -> Iterator[tuple[str, Any]]:
    yield "frame", {local_name(key): value for key, value in item.attrib.items()}


def local_name(key: str | bytes) -> str:
    """An attribute's name without its vocabulary."""
    return str(key).rpartition("}")[2]


def _value(key: str, read: Callable[[etree._Element], Any]) -> Callable[[etree._Element], Iterator[tuple[str, Any]]]:
    def reader(item: etree._Element) -> Iterator[tuple[str, Any]]:
        value = read(item)
        if value is not None:
            yield key, value
    return reader


def _colour(item: etree._Element) -> str | None:
    return coloured(attribute(item) or "auto")


def _numbering(item: etree._Element) -> Iterator[tuple[str, Any]]:
    number, level = attribute(child(item, "numId")), attribute(child(item, "ilvl"))
    if number is not None:
        yield "number", number
    if level is not None:
        yield "level", int(level)


_PARAGRAPH: dict[str, Callable[[etree._Element], Iterator[tuple[str, Any]]]] = {
    "jc": _value("align", lambda item: _ALIGN.get(attribute(item) or "left", "left")),
    "ind": _indent,
    "spacing": _spacing,
    "keepNext": _value("keepNext", truth),
    "keepLines": _value("keepLines", truth),
    "pageBreakBefore": _value("pageBreakBefore", truth),
    "widowControl": _value("widowControl", truth),
    "contextualSpacing": _value("contextual", truth),
    "suppressAutoHyphens": _value("unhyphenated", truth),
    "outlineLvl": _value("outline", lambda item: int(attribute(item) or 9)),
    "pBdr": _borders,
    "shd": shading,
    "tabs": _tabs,
    "framePr": _frame,
    "numPr": _numbering,
}
SWITCHES = {"b", "i", "strike", "dstrike", "caps", "smallCaps", "vanish"}
_RUN: dict[str, Callable[[etree._Element], Iterator[tuple[str, Any]]]] = {
    "sz": _value("size", lambda item: min(points(attribute(item), 0.5) or 0.0, LARGEST) or None),
    "color": _value("colour", _colour),
    "u": _value("underline", lambda item: attribute(item) or "single"),
    "highlight": _value("highlight", lambda item: _HIGHLIGHTS.get(attribute(item) or "", "transparent")),
    "shd": shading,
    "vertAlign": _value("script", attribute),
    "spacing": _value("tracking", lambda item: points(attribute(item))),
    "position": _value("raised", lambda item: points(attribute(item), 0.5)),
    "lang": _value("language", attribute),
}


# Saying it in CSS --------------------------------------------------------------------------------


_UNQUOTED = dict.fromkeys(map(ord, '"\\\n\r'))      # would end the name in CSS


def family(name: str) -> str:
    """The installed family that stands in for a Word font: its metric twin, or itself."""
    return _TWINS.get(name.lower(), name)


def families(name: str) -> str:
    """The value of `font-family` for a Word font, with fallbacks for signs it lacks."""
    return ", ".join(f'"{item}"' for item in dict.fromkeys((family(name).translate(_UNQUOTED), *FALLBACK)))


def line_height(line: tuple[str, float], font: str, size: float) -> str:
    """Word's line spacing: a multiple of the font's own line, at least, or exactly a measure."""
    rule, value = line
    single = _LINE.get(family(font), 1.15)
    if rule == "auto":
        return f"{value * single:.4g}"
    return length(value if rule == "exact" else max(value, single * size))


def paragraph_css(properties: Mapping[str, Any]) -> Declarations:
    """A paragraph's properties as CSS; `font` and `size` must be those in force, for the line height."""
    css: Declarations = {}
    for key, name in (("left", "margin-left"), ("right", "margin-right"), ("first", "text-indent"),
                      ("before", "margin-top"), ("after", "margin-bottom")):
        if properties.get(key) is not None:
            css[name] = length(properties[key])
    if "align" in properties:
        css["text-align"] = properties["align"]
    if "line" in properties:
        css["line-height"] = line_height(properties["line"], properties.get("font", "Arial"), properties.get("size", 10.0))
    for key, name, on, off in _SWITCHED:
        if properties.get(key) is not None:
            css[name] = on if properties[key] else off
    for side in ("top", "right", "bottom", "left"):
        if f"border-{side}" in properties:
            _edge(css, side, properties[f"border-{side}"], properties)
    if "fill" in properties:
        css["background-color"] = properties["fill"] or "transparent"
    return css


_SWITCHED = (
    ("keepNext", "break-after", "avoid", "auto"),
    ("keepLines", "break-inside", "avoid", "auto"),
    ("pageBreakBefore", "break-before", "page", "auto"),
    ("widowControl", "widows", "2", "1"),
    ("widowControl", "orphans", "2", "1"),
    ("unhyphenated", "hyphens", "manual", "auto"),
)


def _edge(css: Declarations, side: str, line: tuple[str, float, str, float] | None, properties: Mapping[str, Any]) -> None:
    css[f"border-{side}"] = edge(line)
    if line is None:
        return
    css[f"padding-{side}"] = length(line[3])
    if side in ("left", "right"):        # Word draws the line outside the text's edge
        css[f"margin-{side}"] = length((properties.get(side) or 0.0) - line[3] - line[1])


def edge(line: tuple[str, float, str, float] | None) -> str:
    """A border as CSS."""
    return "none" if line is None else f"{length(line[1])} {line[0]} {line[2]}"


def run_css(properties: Mapping[str, Any]) -> Declarations:
    """Character properties as CSS."""
    css: Declarations = {}
    if "font" in properties:
        css["font-family"] = families(properties["font"])
    if properties.get("size"):
        css["font-size"] = length(properties["size"])
    for key, name, on, off in (("b", "font-weight", "bold", "normal"), ("i", "font-style", "italic", "normal"),
                               ("caps", "text-transform", "uppercase", "none"), ("smallCaps", "font-variant-caps", "small-caps", "normal")):
        if key in properties:
            css[name] = on if properties[key] else off
    if "colour" in properties:
        css["color"] = properties["colour"]
    lines = [name for name, on in (("underline", properties.get("underline", "none") != "none"),
                                   ("line-through", properties.get("strike") or properties.get("dstrike"))) if on]
    if lines or "underline" in properties or "strike" in properties:
        css["text-decoration"] = " ".join(lines) or "none"
    background = properties.get("highlight") or properties.get("fill")
    if background or "fill" in properties:
        css["background-color"] = background or "transparent"
    if properties.get("script") in ("superscript", "subscript"):
        css.update({"vertical-align": "super" if properties["script"] == "superscript" else "sub", "font-size": "65%", "line-height": "0"})
    if properties.get("raised"):
        css["vertical-align"] = length(properties["raised"])
    if properties.get("tracking"):
        css["letter-spacing"] = length(properties["tracking"])
    return css


__all__ = ["MM", "SWITCHES", "TWIP", "Declarations", "Properties", "border", "edge", "families", "family", "line_height", "paragraph",
           "paragraph_css", "run", "run_css", "shading"]
