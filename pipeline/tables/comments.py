"""Comments of an Excel sheet, added to those it has: the text in one part, the box it is shown in in another (VML)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, MutableMapping
from xml.sax.saxutils import escape

from pipeline.tables.details import position
from pipeline.tables.workbook import PICTURES

AUTHOR = "gremium"
_TYPES = "[Content_Types].xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NAMES = ('xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
          'xmlns:x="urn:schemas-microsoft-com:office:excel"')
_EMPTY_VML = f"<xml {_NAMES}></xml>"
# Each element names its name spaces itself: other programs call them differently at the top.
_BOX = (f'<v:shapetype {_NAMES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>')
_SHAPE = (f'<v:shape {_NAMES} id="_x0000_s{{number}}" type="#_x0000_t202" '
          'style="position:absolute;width:240pt;height:{height}pt;z-index:1;visibility:hidden" '
          'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
          '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
          '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, 2, {right}, 31, {bottom}, 9</x:Anchor>'
          '<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>')
# What follows the drawing of comments in a worksheet (ECMA-376, part 1, 18.3.1.99).
_AFTER = ("<legacyDrawingHF", "<drawingHF", "<picture", "<oleObjects", "<controls", "<webPublishItems", "<tableParts", "<extLst", "</worksheet>")


class Unfamiliar(ValueError):
    """The workbook is written in a way that cannot be changed in place."""


class CommentParts:
    """The comments of one sheet in a package; `texts` holds the parts that change."""

    def __init__(self, sheet: str, number: int, parts: Mapping[str, bytes], texts: MutableMapping[str, str]) -> None:
        self._sheet, self._number, self._parts, self._texts = sheet, number, parts, texts
        folder, name = posixpath.split(sheet)
        self._relations = f"{folder}/_rels/{name}.rels"
        relations = self._read(self._relations) or (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>')
        self._texts[self._relations] = re.sub(r"<Relationships\b([^>]*)/>", r"<Relationships\1></Relationships>", relations)

    def add(self, notes: Mapping[str, str]) -> None:
        """Adds a comment to each cell; one that is there already goes on with the new text."""
        comments = self._part("comments", f"xl/commentsGremium{self._number}.xml",
                              f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors>'
                              "<commentList></commentList></comments>")
        drawing = self._part("vmlDrawing", f"xl/drawings/vmlDrawingGremium{self._number}.vml", _EMPTY_VML)
        self._announce(comments)
        self._point_at(drawing)
        fresh = [cell for cell, text in notes.items() if not self._goes_on(comments, cell, text)]
        self._write(comments, {cell: notes[cell] for cell in fresh})
        self._draw(drawing, {cell: notes[cell] for cell in fresh})

    def _read(self, name: str) -> str:
        return self._texts.get(name) or self._parts.get(name, b"").decode("utf-8-sig")

    def _part(self, kind: str, name: str, empty: str) -> str:
        """The sheet's part of a kind; a new one when it has none."""
        for relation in re.findall(r"<Relationship\b[^>]*>", self._texts[self._relations]):
            if re.search(rf'Type="[^"]*/{kind}"', relation) and 'TargetMode="External"' not in relation:
                target = re.search(r'Target="([^"]*)"', relation)
                found = posixpath.normpath(posixpath.join("/" + posixpath.dirname(self._sheet), target[1] if target else "")).lstrip("/")
                if found in self._parts:
                    self._texts[found] = self._read(found)
                    return found
        self._texts[name] = empty
        self._texts[self._relations] = self._texts[self._relations].replace(
            "</Relationships>", f'<Relationship Id="{self._id(kind)}" Type="{_RELATION}/{kind}" Target="/{name}"/></Relationships>')
        return name

    def _id(self, kind: str) -> str:
        return f"rIdGremium{kind.capitalize()}"

    def _announce(self, comments: str) -> None:
        types = self._texts[_TYPES]
        if f'"/{comments}"' not in types:
            types = types.replace("</Types>", f'<Override PartName="/{comments}" ContentType="{_COMMENTS_TYPE}"/></Types>')
        if 'Extension="vml"' not in types:
            types = re.sub(r"(<Types\b[^>]*>)", rf'\1<Default Extension="vml" ContentType="{_VML_TYPE}"/>', types, count=1)
        self._texts[_TYPES] = types

    def _point_at(self, drawing: str) -> None:
        """The sheet names the drawing that shows its comments."""
        xml = self._texts[self._sheet]
        if "<legacyDrawing " in xml or "Gremium" not in drawing:
            return
        end = xml.index("</sheetData>")
        at = min(found for sign in _AFTER if (found := xml.find(sign, end)) >= 0)
        self._texts[self._sheet] = f'{xml[:at]}<legacyDrawing xmlns:r="{_RELATION}" r:id="{self._id("vmlDrawing")}"/>{xml[at:]}'

    def _goes_on(self, comments: str, cell: str, text: str) -> bool:
        """Adds to the comment a cell has; False when it has none."""
        xml = self._texts[comments]
        found = re.search(rf'<comment\b[^>]*\bref="{cell}"[^>]*>.*?</comment>', xml, re.DOTALL)
        if not found or "</text>" not in found[0]:
            return False
        longer = found[0].replace("</text>", f"{_run(chr(10) * 2 + text)}</text>")
        self._texts[comments] = xml[:found.start()] + longer + xml[found.end():]
        return True

    def _write(self, comments: str, notes: Mapping[str, str]) -> None:
        xml = self._texts[comments].replace("<authors/>", "<authors></authors>").replace("<commentList/>", "<commentList></commentList>")
        authors = len(re.findall(r"<author\b", xml))
        made = "".join(f'<comment ref="{cell}" authorId="{authors}"><text>{_run(text)}</text></comment>' for cell, text in notes.items())
        if "</authors>" not in xml or "</commentList>" not in xml:
            raise Unfamiliar
        xml = xml.replace("</authors>", f"<author>{AUTHOR}</author></authors>", 1)
        self._texts[comments] = xml.replace("</commentList>", f"{made}</commentList>", 1)

    def _draw(self, drawing: str, notes: Mapping[str, str]) -> None:
        xml = self._texts[drawing]
        if "</xml>" not in xml:
            raise Unfamiliar
        first = max([1024, *map(int, re.findall(r"_x0000_s([0-9]+)", xml))]) + 1
        shapes = "" if 'id="_x0000_t202"' in xml else _BOX
        for number, (cell, text) in enumerate(notes.items(), start=first):
            letters = cell.rstrip("0123456789")
            row, column = int(cell[len(letters):]) - 1, position(letters)
            lines = 2 + sum(1 + len(line) // 45 for line in text.split("\n"))
            shapes += _SHAPE.format(number=number, height=14 * lines, row=row, column=column, left=column + 1, right=column + 4,
                                    top=max(row - 1, 0), bottom=max(row - 1, 0) + lines)
        self._texts[drawing] = xml.replace("</xml>", f"{shapes}</xml>")


def _run(text: str) -> str:
    return f'<r><rPr><sz val="9"/><rFont val="Tahoma"/></rPr><t xml:space="preserve">{escape(text.translate(PICTURES))}</t></r>'
