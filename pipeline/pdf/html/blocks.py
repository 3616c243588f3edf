"""Paragraphs and tables in their order: headings, lists, frames, and what Word does between neighbours."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html import formatting, frames, inline, tables, tabs, ties
from pipeline.pdf.html.formatting import Properties
from pipeline.pdf.html.metrics import width
from pipeline.pdf.html.names import MC, attribute, child, length, w
from pipeline.pdf.html.numbering import Label
from pipeline.pdf.html.refusals import Obstacle
from pipeline.pdf.html.story import Story, children
from pipeline.pdf.html.styles import Style

_SILENT = frozenset(map(w, ("sectPr", "bookmarkEnd", "proofErr", "permStart", "permEnd", "tcPr", "commentRangeStart", "commentRangeEnd",
                            "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "del", "moveFrom", "sdtPr")))


def read(parent: etree._Element, target: Element, story: Story) -> None:
    """Writes the blocks of a body, header, cell, note or text box into an element."""
    flow = Flow(target, story)
    for item in children(parent):
        flow.take(item)


class Flow:
    """Blocks on their way into one element."""

    def __init__(self, target: Element, story: Story) -> None:
        self._target, self._story = target, story
        self._lists: list[tuple[str, int, Element]] = []
        self._frame: tuple[Properties, Element] | None = None
        self._last: tuple[str, Properties, Element] | None = None      # style, properties and element of the paragraph before

    def take(self, item: etree._Element) -> None:
        """The next block."""
        if item.tag == w("p"):
            try:
                self._paragraph(item)
            except Obstacle as obstacle:       # of its number; what stands in it is noted there
                self._story.document.meet(obstacle)
        elif item.tag == w("tbl"):
            self._leave_lists()
            self._frame = self._last = None
            self._target.append(tables.read(item, self._story))
        elif item.tag == w("bookmarkStart"):
            inline.bookmark(item, None, self._story)
        elif item.tag == f"{{{MC}}}AlternateContent" or item.tag not in _SILENT:
            self._story.document.meet(self._story.refuse(item))

    def _leave_lists(self) -> None:
        self._lists.clear()

    def _paragraph(self, item: etree._Element) -> None:
        story = self._story
        story.enter(item)
        properties = child(item, "pPr")
        style = story.document.styles.get(attribute(child(properties, "pStyle")), "paragraph")
        direct = formatting.paragraph(properties)
        merged: Properties = story.document.styles.default_paragraph | (style.paragraph if style else {}) | direct
        label = self._label(direct, style)
        own = self._own(direct, style, label)
        merged |= own
        block = self._block(style, merged, label, own)
        run = story.document.styles.default_run | (style.run if style else {})
        if label is not None:
            _number(block, label, merged, run, story)
        outside, story.switched = story.switched, self._switched(style)
        inline.read(item, block, story)
        story.switched = outside
        holder = self._holder(merged, style, label if block.tag == "li" else None)
        for box in story.beside:
            holder.append(box)
        story.beside.clear()
        if _is_only_break(block):
            holder.append(Element("div", {"class": str(block[0].get("class"))}))
            return
        _opening_break(block)
        room = _room(merged, run, story)
        ties.tie(block, room.size, room.right - room.left)
        tabs.arrange(block, room, story.document.sheet)
        if not _shows(block):
            block.set("class", f"{block.get('class', '')} _blank {story.document.sheet.direct(_blank(merged, run))}".strip())
        holder.append(block)
        self._neighbours(style.id if style else "", merged, block)

    def _switched(self, style: Style | None) -> frozenset[str]:
        """What a character style of the same turns off again (ECMA-376, 17.7.3)."""
        usual = self._story.document.styles.default_run
        return frozenset(name for name in formatting.SWITCHES if style and style.run.get(name) and not usual.get(name))

    def _label(self, direct: Properties, style: Style | None) -> Label | None:
        inherited = style.paragraph if style else {}
        number = direct.get("number", inherited.get("number"))
        if number in (None, "0"):
            return None
        level = direct.get("level", inherited.get("level"))
        if level is None:
            level = self._story.document.numbering.depth(number, style.id) if style else 0
        return self._story.counter.next(number, level, self._story.place)

    def _own(self, direct: Properties, style: Style | None, label: Label | None) -> Properties:
        """What the paragraph says beyond its style: the indents of its list, then its own."""
        own: Properties = {}
        if label is not None:
            from_style = style is not None and "number" not in direct
            for key in ("left", "first", "tabs"):
                if key in label.level.paragraph and not (from_style and style is not None and key in style.paragraph):
                    own[key] = label.level.paragraph[key]
        return own | {key: value for key, value in direct.items() if key not in ("number", "level", "numbered_after")}

    def _block(self, style: Style | None, merged: Properties, label: Label | None, own: Properties) -> Element:
        level = merged.get("outline", style.outline if style else None)
        tag = f"h{min(level + 1, 6)}" if level is not None and level < 9 else "li" if label is not None else "p"
        run = self._story.document.styles.default_run | (style.run if style else {})
        direct = {key: value for key, value in own.items() if key not in ("frame", "tabs", "outline")}
        css = formatting.paragraph_css({"font": run["font"], "size": run["size"]} | _edges(direct, merged)) if direct else {}
        classes = " ".join(filter(None, (style.slug if style else "", self._story.document.sheet.direct(css))))
        return Element(tag, {"class": classes} if classes else {})

    def _holder(self, merged: Properties, style: Style | None, label: Label | None) -> Element:
        """The element the paragraph goes into: a frame, a list, or the flow itself."""
        target = self._target
        frame = merged.get("frame")
        if frame is not None and not frame.get("dropCap"):
            if self._frame is None or self._frame[0] != frame:
                self._leave_lists()
                css = frames.frame(frame, self._story)
                classes = f"_frame {style.slug + '-frame' if style else ''} {self._story.document.sheet.direct(css)}"
                holder = SubElement(target, "div", {"class": classes})
                kind = "" if self._story.name else frames.frame_around(frame)
                if kind:
                    holder.set("data-around", kind)
                self._frame = (frame, frames.unbroken(holder))
            target = self._frame[1]
        elif self._frame is not None:
            self._frame = None
            self._leave_lists()
        if label is None:
            self._leave_lists()
            return target
        while self._lists and (self._lists[-1][1] > label.depth or (self._lists[-1][1] == label.depth and self._lists[-1][0] != label.list)):
            self._lists.pop()
        if not self._lists or self._lists[-1][1] < label.depth:
            parent = self._lists[-1][2] if self._lists else target
            self._lists.append((label.list, label.depth, SubElement(parent, "ul" if label.bullet else "ol")))
        return self._lists[-1][2]

    def _neighbours(self, style: str, merged: Properties, block: Element) -> None:
        """No space between paragraphs of one style where that says so; one box around neighbours with the same border."""
        last, self._last = self._last, (style, merged, block)
        if last is None or merged.get("frame") != last[1].get("frame"):
            return
        if last[0] == style and last[1].get("contextual"):
            _also(last[2], "_tight-below")
        if last[0] == style and merged.get("contextual"):
            _also(block, "_tight-above")
        borders = _borders(merged)
        if any(borders) and borders == _borders(last[1]) and merged.get("border-between") is None:
            near = last[0] == style and (last[1].get("contextual") or merged.get("contextual"))
            gap = 0.0 if near else max(last[1].get("after") or 0.0, merged.get("before") or 0.0)
            _also(last[2], "_joined-below")
            _also(block, "_joined-above")
            _say(last[2], f"margin-bottom: 0; padding-bottom: {length(gap)}")      # the box goes on between them
            _say(block, "margin-top: 0")


def _also(element: Element, name: str) -> None:
    element.set("class", f"{element.get('class', '')} {name}".strip())


def _say(element: Element, declarations: str) -> None:
    element.set("style", "; ".join(filter(None, (element.get("style"), declarations))))


def _borders(merged: Properties) -> tuple[Any, ...]:
    return tuple(merged.get(f"border-{side}") for side in ("top", "right", "bottom", "left"))


def _edges(direct: Properties, merged: Properties) -> Properties:
    """Borders shift the margins, so a paragraph with a direct one says its indents with it."""
    if any(key.startswith("border-") for key in direct) or (("left" in direct or "right" in direct) and any(_borders(merged))):
        return {key: merged[key] for key in ("left", "right", *(f"border-{side}" for side in ("top", "right", "bottom", "left")))
                if key in merged} | direct
    return direct


def _number(block: Element, label: Label, merged: Properties, run: Properties, story: Story) -> None:
    """Puts the number before the text, in the room that the hanging indent leaves for it."""
    if not label.text:
        return
    tag = "figcaption" if block.tag == "li" else "span"      # in the PDF a list's caption becomes its label
    css = formatting.run_css(label.level.run)
    hanging = -(merged.get("first") or 0.0)
    if label.level.suffix == "tab":
        size = label.level.run.get("size") or run["size"]
        fits = width(f"{label.text} ", size, bold=True) < 0.95 * hanging
        css |= {"width" if fits else "min-width": length(hanging)} if hanging > 0 else {"padding-right": "0.6em"}
    if label.level.align == "right" and hanging > 0:
        css["text-align"] = "right"
    number = SubElement(block, tag, {"class": f"_label {story.document.sheet.direct(css)}".strip()})
    number.text = label.text if label.level.suffix == "nothing" else f"{label.text} "


def _room(merged: Properties, run: Properties, story: Story) -> tabs.Room:
    left = merged.get("left") or 0.0
    return tabs.Room(first=left + (merged.get("first") or 0.0), left=left, right=story.page.room - (merged.get("right") or 0.0),
                     size=run["size"], bold=bool(run.get("b")), stops=merged.get("tabs", ()), usual=story.document.tab)


def _shows(block: Element) -> bool:
    return any(text.strip() for text in block.itertext()) or any(
        item.tag == "img" or item.get("class", "").split(" ")[0] in ("_page-number", "_page-count", "_page-reference", "_decoration", "_leader")
        for item in block.iter())


def _blank(merged: Properties, run: Properties) -> dict[str, str]:
    """An empty paragraph keeps the height of its line."""
    height = formatting.line_height(merged.get("line", ("auto", 1.0)), run["font"], run["size"])
    return {"height": height if height.endswith("pt") else length(float(height) * run["size"])}


def _is_only_break(block: Element) -> bool:
    return len(block) == 1 and _is_break(block[0]) and not block.text and not block[0].tail


def _opening_break(block: Element) -> None:
    """A page break before the first sign becomes one of the paragraph itself."""
    if len(block) and _is_break(block[0]) and not block.text:
        block.text = block[0].tail
        block.remove(block[0])
        _also(block, "_on-new-page")


def _is_break(element: Element) -> bool:
    return element.get("class") in ("_page-break", "_column-break")
