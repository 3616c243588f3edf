"""The columns of every table as the manual prints them: `python -m pipeline.tables.guide` prints that part of docs/tables.md."""

from __future__ import annotations

from pipeline.tables.columns import FILES, OPTIONAL, TABLES, TITLES, Kind, Spec

BEGIN, END = "<!-- aus pipeline/tables/columns.py -->", "<!-- Ende -->"

_KINDS = {
    Kind.KEY: "Nummer", Kind.REF: "Verweis", Kind.REFS: "Verweise", Kind.TEXT: "Text", Kind.LINES: "Liste", Kind.CHOICE: "Auswahl",
    Kind.DATE: "Datum", Kind.TIME: "Uhrzeit", Kind.YESNO: "ja/nein", Kind.NUMBER: "Zahl", Kind.INTEGER: "ganze Zahl", Kind.EMAIL: "E-Mail",
    Kind.PHONE: "Telefon", Kind.POSTCODE: "PLZ", Kind.COLOUR: "Farbe",
}


def guide() -> str:
    """The part of the manual that lists files, columns, other headings and what they mean."""
    return "\n\n".join((BEGIN, *(_table(table) for table in TABLES), END))


def _table(table: str) -> str:
    names = ", ".join(f"`{name}`" for name in FILES[table])
    needed = "darf fehlen" if table in OPTIONAL else "muss da sein"
    lines = [f"### {TITLES[table]}", "", f"Dateiname (ohne Endung): {names}; die Tabelle {needed}.", "",
             "| Überschrift | auch verstanden | Art | Bedeutung |", "|---|---|---|---|"]
    return "\n".join(lines + [_row(spec) for spec in TABLES[table]])


def _row(spec: Spec) -> str:
    heading = f"**{spec.heading}**" if spec.required else spec.heading
    kind = _KINDS[spec.kind] + (f" auf {TITLES[spec.refers]}" if spec.refers else "")
    return f"| {heading} | {', '.join(spec.aliases[1:])} | {kind} | {spec.meaning} |"


if __name__ == "__main__":
    print(guide())
