"""Tables: the grid, spans, header rows, and the look that style, table, row and cell give each cell together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html import formatting, looks
from pipeline.pdf.html.formatting import Declarations, Properties
from pipeline.pdf.html.looks import Border, Look
from pipeline.pdf.html.names import MM, attribute, child, length, points, truth, w
from pipeline.pdf.html.refusals import DamagedDocument, TooWideTable
from pipeline.pdf.html.story import Story, children

COLUMNS = 500           # of any table; Word allows 63
# Conditional formats of table styles, the stronger later (ECMA-376, 17.7.6).
_PARTS = ("wholeTable", "band1Vert", "band2Vert", "band1Horz", "band2Horz", "firstCol", "lastCol", "firstRow", "lastRow",
          "neCell", "nwCell", "seCell", "swCell")


@dataclass(slots=True)
class Cell:
    """One cell in its grid."""

    element: etree._Element
    row: int
    column: int
    span: int
    rows: int = 1
    merged: bool = False            # continues the cell above


def read(element: etree._Element, story: Story) -> Element:
    """A table as HTML; one that leaves the sheet is an obstacle."""
    return _Table(element, story).html()


class _Table:
    def __init__(self, element: etree._Element, story: Story) -> None:
        self.element, self.story = element, story
        self.properties = child(element, "tblPr")
        self.style = story.document.styles.get(attribute(child(self.properties, "tblStyle")), "table")
        if self.style:
            story.document.tables.add(self.style.id)
        self.layers = looks.layers(self.style.tables if self.style else (), story)
        own = looks.look(self.properties, None, None, story)
        self.layers["own"] = own
        self.margins = self._margins()
        self.flags = looks.flags(child(self.properties, "tblLook"))
        self.rows = [item for item in children(element) if item.tag == w("tr")]
        self.grid = self._columns()
        self.cells = self._cells()

    def html(self) -> Element:
        width, left = sum(self.grid), self._left(sum(self.grid))
        room = self.story.page.width - self.story.page.left - left
        if not self.story.name and width > room + 1:
            self.story.document.meet(TooWideTable(self.story.place, width / MM, room / MM))
        css = {"width": length(width), "margin-left": length(left)}
        table = Element("table", {"class": f"{self.style.slug if self.style else ''} {self.story.document.sheet.direct(css)}".strip()})
        self._describe(table)
        columns = SubElement(table, "colgroup")
        for column in self.grid:
            SubElement(columns, "col", {"class": self.story.document.sheet.direct({"width": length(column)})})
        heads = self._heads()
        body = SubElement(table, "thead") if heads else SubElement(table, "tbody")
        for number, row in enumerate(self.rows):
            if heads and number == heads:
                body = SubElement(table, "tbody")
            body.append(self._row(row, number, heads))
        return table

    def _describe(self, table: Element) -> None:
        """The table's alternative text, where the office wrote one."""
        text = attribute(child(self.properties, "tblDescription")) or attribute(child(self.properties, "tblCaption"))
        if text:
            table.set("title", text)

    def _heads(self) -> int:
        count = 0
        for row in self.rows:
            if not truth(child(child(row, "trPr"), "tblHeader")):
                break
            count += 1
        return count if count < len(self.rows) else 0

    def _columns(self) -> list[float]:
        grid = child(self.element, "tblGrid")
        columns = [points(column.get(w("w"))) or 0.0 for column in (() if grid is None else grid.findall(w("gridCol")))]
        widest = max((sum(_span(cell) for cell in _cells_of(row)) + _skipped(row, "gridBefore") + _skipped(row, "gridAfter")
                      for row in self.rows), default=0)
        columns += [0.0] * (widest - len(columns))
        if not all(columns):
            columns = [self.story.page.room / len(columns)] * len(columns)
        wanted = child(self.properties, "tblW")
        total = sum(columns)
        if wanted is not None and total:
            kind, value = wanted.get(w("type"), "auto"), wanted.get(w("w"), "0")
            target = 0.0
            if kind == "pct":
                share = float(value.rstrip("%")) / (100 if value.endswith("%") else 5000)
                target = share * self.story.page.room
            elif kind == "dxa":
                target = points(value) or 0.0
            if target > 0:
                columns = [column * target / total for column in columns]
        return columns

    def _left(self, width: float) -> float:
        align = attribute(child(self.properties, "jc")) or "left"
        if align in ("center", "right", "end"):
            return (self.story.page.room - width) / (2 if align == "center" else 1)
        indent = child(self.properties, "tblInd")
        if indent is None and self.style:
            indent = next((found for item in reversed(self.style.tables) if (found := child(child(item, "tblPr"), "tblInd")) is not None), None)
        left = points(None if indent is None else indent.get(w("w"))) or 0.0
        return left if self.story.document.modern else left - self.margins["left"]

    def _margins(self) -> dict[str, float]:
        margins = {"top": 0.0, "bottom": 0.0, "left": 5.4, "right": 5.4}      # Word's own: 0.19 cm at the sides
        sources = [child(item, "tblPr") for item in (self.style.tables if self.style else ())] + [self.properties]
        for source in sources:
            margins |= looks.margins(child(source, "tblCellMar"))
        return margins

    def _cells(self) -> list[list[Cell]]:
        rows: list[list[Cell]] = []
        above: dict[int, Cell] = {}
        for number, row in enumerate(self.rows):
            column, found = _skipped(row, "gridBefore"), []
            for element in _cells_of(row):
                cell = Cell(element, number, column, _span(element))
                merge = child(child(element, "tcPr"), "vMerge")
                if merge is not None and attribute(merge) != "restart" and column in above:
                    above[column].rows += 1
                    cell.merged = True
                elif merge is not None:
                    above[column] = cell
                else:
                    above.pop(column, None)
                found.append(cell)
                column += cell.span
            rows.append(found)
        return rows

    def _row(self, row: etree._Element, number: int, heads: int) -> Element:
        properties = child(row, "trPr")
        css: Declarations = {}
        height = child(properties, "trHeight")
        if height is not None:
            css["height"] = length(points(attribute(height)) or 0.0)
        if truth(child(properties, "cantSplit")) or number < heads:
            css["break-inside"] = "avoid"
        if number < len(self.rows) - 1 and self._keeps(number):
            css["break-after"] = "avoid"
        element = Element("tr")
        name = self.story.document.sheet.direct(css)
        if name:
            element.set("class", name)
        self._gap(element, _skipped(row, "gridBefore"))
        for cell in self.cells[number]:
            if not cell.merged:
                element.append(self._cell(cell, "col" if number < heads else "row" if cell.column == 0 and self._led(heads) else ""))
        self._gap(element, _skipped(row, "gridAfter"))
        return element

    def _led(self, heads: int) -> bool:
        """The first cell of a row heads it: in tables with a heading row, and in forms. Without one, Word's usual marks mean only looks."""
        return self.flags["firstColumn"] and (heads > 0 or not self.flags["firstRow"])

    def _keeps(self, number: int) -> bool:
        """Word keeps a row with the next where the first paragraph of each of its cells says so."""
        paragraphs = [child(cell.element, "p") for cell in self.cells[number] if not cell.merged]
        return bool(paragraphs) and all(self._keeps_next(paragraph) for paragraph in paragraphs)

    def _keeps_next(self, paragraph: etree._Element | None) -> bool:
        properties = child(paragraph, "pPr")
        own = truth(child(properties, "keepNext"))
        if own is not None:
            return own
        style = self.story.document.styles.get(attribute(child(properties, "pStyle")), "paragraph")
        return bool(style and style.paragraph.get("keepNext"))

    def _gap(self, row: Element, span: int) -> None:
        if span:
            SubElement(row, "td", {"class": "_gap"} | ({"colspan": str(span)} if span > 1 else {}))

    def _cell(self, cell: Cell, scope: str) -> Element:
        css = self._css(cell)
        attributes = {"class": self.story.document.sheet.direct(css)}
        if scope:
            attributes["scope"] = scope
        if cell.span > 1:
            attributes["colspan"] = str(cell.span)
        if cell.rows > 1:
            attributes["rowspan"] = str(cell.rows)
        element = Element("th" if scope else "td", attributes)
        width = sum(self.grid[cell.column:cell.column + cell.span]) - self.margins["left"] - self.margins["right"]
        page = self.story.page
        self.story.page = replace(page, right=page.width - page.left - max(width, 1.0))
        try:
            self.story.document.blocks(cell.element, element, self.story)
        finally:
            self.story.page = page
        return element

    def _css(self, cell: Cell) -> Declarations:
        layers = [self.layers[part] for part in self._parts(cell) if part in self.layers]
        own = looks.look(None, None, child(cell.element, "tcPr"), self.story)
        layers.insert(1 if "wholeTable" in self.layers else 0, self.layers["own"])      # the table's own word stands above its whole style
        css: Declarations = {"vertical-align": "top"}
        run: Properties = {}
        paragraph: Properties = {}
        for layer in (*layers, own):
            css |= layer.cell
            run |= layer.run
            paragraph |= layer.paragraph
        margins = self.margins | looks.margins(child(child(cell.element, "tcPr"), "tcMar"))
        css["padding"] = " ".join(length(margins[side]) for side in ("top", "right", "bottom", "left"))
        for side in ("top", "right", "bottom", "left"):
            line = self._border(cell, side, layers, own)
            css[f"border-{side}"] = formatting.edge(line)
        if "align" in paragraph:
            css["text-align"] = paragraph["align"]
        return css | formatting.run_css(run)

    def _border(self, cell: Cell, side: str, layers: list[Look], own: Look) -> Border:
        outer = {"top": cell.row == 0, "bottom": cell.row + cell.rows >= len(self.rows), "left": cell.column == 0,
                 "right": cell.column + cell.span >= len(self.grid)}[side]
        inner = "insideH" if side in ("top", "bottom") else "insideV"
        line: Border = None
        for layer in layers:
            key = side if outer or (side in layer.borders and layer is not layers[0] and layer is not self.layers["own"]) else inner
            if key in layer.borders:
                line = layer.borders[key]
        return own.borders.get(side, line)

    def _parts(self, cell: Cell) -> list[str]:
        last_row, last_column = len(self.rows) - 1, len(self.grid) - cell.span
        first_row = self.flags["firstRow"]
        applies = {
            "wholeTable": True,
            "firstRow": first_row and cell.row == 0, "lastRow": self.flags["lastRow"] and cell.row == last_row,
            "firstCol": self.flags["firstColumn"] and cell.column == 0, "lastCol": self.flags["lastColumn"] and cell.column == last_column,
        }
        band = cell.row - (1 if first_row else 0)
        if not self.flags["noHBand"] and band >= 0:
            applies["band1Horz" if band % 2 == 0 else "band2Horz"] = True
        band = cell.column - (1 if self.flags["firstColumn"] else 0)
        if not self.flags["noVBand"] and band >= 0:
            applies["band1Vert" if band % 2 == 0 else "band2Vert"] = True
        return [part for part in _PARTS if applies.get(part)]


def _cells_of(row: etree._Element) -> list[etree._Element]:
    return [item for item in children(row) if item.tag == w("tc")]


def _span(cell: etree._Element) -> int:
    return max(1, _counted(child(child(cell, "tcPr"), "gridSpan"), 1))


def _skipped(row: etree._Element, name: str) -> int:
    return _counted(child(child(row, "trPr"), name), 0)


def _counted(element: etree._Element | None, usual: int) -> int:
    """A number of columns. Raises DamagedDocument for more than any table has."""
    count = int(attribute(element) or usual)
    if count > COLUMNS:
        raise DamagedDocument(f"eine Tabelle mit {count} Spalten")
    return count
