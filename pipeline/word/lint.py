"""What is wrong with a template, or will look wrong on paper, before anything is merged with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from lxml import etree

from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.word import tags
from pipeline.word.parts import relations_of
from pipeline.word.template import Template
from pipeline.word.words import near_miss

# The fonts every machine of the tool has (fonts-liberation), and what Word needs for bullets.
FONTS = ("Liberation Sans", "Liberation Serif", "Liberation Mono", "Symbol", "Wingdings")

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMES = {
    "w": _W,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "rel": "http://schemas.openxmlformats.org/package/2006/relationships",
    "adec": "http://schemas.microsoft.com/office/drawing/2017/decorative",
}
_QUOTES = "„“”‟‚‘’‛«»"
# What a run or a paragraph may say beside its style: the PDF follows these, or they show nothing.
_RUN_MAY = frozenset(("rStyle", "lang", "noProof", "webHidden"))
_PARAGRAPH_MAY = frozenset(("pStyle", "numPr", "sectPr", "rPr", "keepNext", "keepLines", "framePr"))


class Document:
    """A template's parts as trees, read when a rule asks for them."""

    def __init__(self, template: Template) -> None:
        self.template = template

    @cached_property
    def roots(self) -> Mapping[str, etree._Element]:
        """The parts that are merged, by member name."""
        package = self.template.package
        return {part: tags.parse(package.name, part, package.parts[part]) for part in self.template.roles.merged}

    def part(self, member: str) -> etree._Element | None:
        """Any other part; None when the package has none of that name."""
        package = self.template.package
        return tags.parse(package.name, member, package.parts[member]) if member in package.parts else None

    def find(self, path: str) -> Iterator[etree._Element]:
        """Elements in all merged parts."""
        for root in self.roots.values():
            yield from _find(root, path)

    def place(self, element: etree._Element | None = None) -> Place:
        """Where an element stands: its paragraph's text and style, or the first paragraph it holds."""
        paragraph = None
        if element is not None:
            around = element.xpath("(ancestor-or-self::w:p)[last()] | (.//w:p[.//w:t])[1]", namespaces=_NAMES)
            paragraph = around[0] if isinstance(around, list) and around else None
        if not isinstance(paragraph, etree._Element):
            return Place(file=self.template.name)
        style = next(iter(_find(paragraph, "w:pPr/w:pStyle")), None)
        return _place(self.template.name, _text(paragraph), _value(style) if style is not None else "")


def _find(element: etree._Element, path: str) -> list[etree._Element]:
    found = element.xpath(path, namespaces=_NAMES)
    return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []


def _value(element: etree._Element) -> str:
    return str(element.get(f"{{{_W}}}val") or "")


def _text(paragraph: etree._Element) -> str:
    return "".join(node.text or "" for node in paragraph.iter(f"{{{_W}}}t"))


def _place(file: str, paragraph: str, style: str) -> Place:
    text = f"Absatz „{tags.shortened(paragraph, 60)}“" if paragraph.strip() else "Absatz ohne Text"
    return Place(file=file, column=f"{text}, Formatvorlage {style}" if style else text)


# Fields --------------------------------------------------------------------------------------------


def fields_are_known(document: Document, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Every field the template asks for is in the sample."""
    told: set[str] = set()
    for program in document.template.programs:
        for use in program.uses:
            missing = None if use.guarded or use.path in told else _missing(sample, use.path)
            if missing is None:
                continue
            told.add(use.path)
            near = f"Meinten Sie „{missing}“?" if missing else "„gremium fields“ nennt die Felder dieser Vorlage."
            yield Finding(place=_place(program.source.template, program.paragraph(use.line), program.style(use.line)),
                          rule="template-field", message=f"Das Feld „{use.path}“ gibt es nicht", hint=near, value=use.path)


def _missing(sample: object, path: str) -> str | None:
    """None when the path leads somewhere; else the path that was probably meant, or "" when nothing is like it."""
    reached: list[object] = [sample]
    walked: list[str] = []
    for step in path.split("."):
        name = step.rstrip("[]")
        for owner in reached:
            if isinstance(owner, Mapping) and name not in owner:
                near = near_miss(name, map(str, owner))
                return ".".join((*walked, near)) if near else ""
            if not isinstance(owner, Mapping) and not hasattr(owner, name):
                return ""
        reached = [owner[name] if isinstance(owner, Mapping) else getattr(owner, name) for owner in reached]
        for _ in range(step.count("[]")):
            reached = [item for several in reached if isinstance(several, Sequence) and not isinstance(several, str) for item in several]
        walked.append(step)
    return None


def fields_are_used(document: Document, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Fields that are offered and never asked for, in one note."""
    used = document.template.paths
    unused = list(_unused(sample, "", used))
    if unused:
        yield Finding(place=Place(file=document.template.name), rule="template-unused", severity=Severity.NOTE,
                      message=f"{len(unused)} angebotene Felder kommen in der Vorlage nicht vor", value=", ".join(unused))


def _unused(value: object, path: str, used: frozenset[str]) -> Iterator[str]:
    if path and not any(use == path or use.startswith((f"{path}.", f"{path}[")) for use in used):
        yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unused(inner, f"{path}.{name}" if path else str(name), used)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
        yield from _unused(value[0], f"{path}[]", used | {f"{path}[]"})


# Tags ----------------------------------------------------------------------------------------------


def quotes_are_straight(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """No typographic quotes inside a tag: they are read as straight ones, which is a guess."""
    for paragraph in document.find("//w:p"):
        for tag in tags.found(_text(paragraph)):
            if any(quote in tag for quote in _QUOTES):
                yield Finding(place=document.place(paragraph), rule="template-quotes", severity=Severity.WARNING, value=tag,
                              message="In einer Auszeichnung stehen typografische Anführungszeichen",
                              hint="Gerade Anführungszeichen verwenden (nach der Eingabe Strg+Z).")


def tags_are_in_one_piece(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """A tag whose letters are formatted differently takes the format of its first letter."""
    for paragraph in document.find("//w:p[.//w:t]"):
        runs = [(_text_of_run(run), _format_of(run)) for run in _find(paragraph, ".//w:r[w:t]")]
        for tag, formats in _formats_of_tags(runs):
            if len(formats) > 1:
                yield Finding(place=document.place(paragraph), rule="template-split", severity=Severity.NOTE, value=tag,
                              message="Eine Auszeichnung ist in sich verschieden formatiert; es gilt das Format ihres Anfangs",
                              hint="Die Auszeichnung einheitlich formatieren.")


def _text_of_run(run: etree._Element) -> str:
    return "".join(node.text or "" for node in _find(run, "w:t"))


def _format_of(run: etree._Element) -> bytes:
    properties = _find(run, "w:rPr")
    return b"".join(sorted(etree.tostring(node, method="c14n") for node in properties[0])) if properties else b""


def _formats_of_tags(runs: list[tuple[str, bytes]]) -> Iterator[tuple[str, set[bytes]]]:
    text = "".join(piece for piece, _ in runs)
    formats = [form for piece, form in runs for _ in piece]
    end = 0
    for tag in tags.found(text):
        start = text.index(tag, end)
        end = start + len(tag)
        yield tag, set(formats[start:end])


def loops_repeat_nothing_unique(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """What a document can hold once stands outside loops."""
    for program in document.template.programs:
        for line, what in program.repeated:
            yield Finding(place=_place(document.template.name, program.paragraph(line), program.style(line)), rule="template-repeated",
                          severity=Severity.WARNING, message=f"Eine Schleife wiederholt {what}",
                          hint="Vor oder hinter die Schleife setzen; Word hält die Datei sonst für beschädigt.")


# Form ----------------------------------------------------------------------------------------------


def formats_have_names(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Text is formatted by named styles only, for only these the PDF follows."""
    for paragraph in document.find("//w:p[.//w:t]"):
        own = {etree.QName(node).localname for node in _find(paragraph, "w:pPr/*")} - _PARAGRAPH_MAY
        own |= {etree.QName(node).localname for node in _find(paragraph, ".//w:r[w:t]/w:rPr/*")} - _RUN_MAY
        if own:
            yield Finding(place=document.place(paragraph), rule="template-format", severity=Severity.WARNING, value=", ".join(sorted(own)),
                          message="Der Absatz ist von Hand formatiert; das PDF folgt nur Formatvorlagen",
                          hint="Den Absatz markieren, Strg+Leertaste und Strg+Q drücken und eine Formatvorlage wählen.")


def pictures_are_described(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Every picture has an alternative text, or is marked as decoration."""
    for drawing in document.find("//wp:docPr[not(@descr) or @descr='']"):
        if not _find(drawing, ".//adec:decorative[@val='1' or @val='true']"):
            yield Finding(place=document.place(drawing), rule="template-alt", severity=Severity.WARNING, value=str(drawing.get("name") or ""),
                          message="Ein Bild hat keinen Alternativtext", hint="In Word: Rechtsklick auf das Bild › Alternativtext anzeigen.")


def tables_have_headers(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """A table of several rows and columns names its columns in a header row."""
    for table in document.find("//w:tbl[count(w:tr) > 1 and w:tr[count(w:tc) > 1]]"):
        if not _find(table, "w:tr/w:trPr/w:tblHeader"):
            yield Finding(place=document.place(table), rule="template-header", severity=Severity.WARNING,
                          message="Eine Tabelle hat keine Kopfzeile",
                          hint="In Word: erste Zeile › Tabelleneigenschaften › Zeile › „Gleiche Kopfzeile auf jeder Seite wiederholen“.")


def language_and_title_are_set(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """The document says that it is German, and what it is called."""
    styles = document.part("word/styles.xml")
    languages = [_value(node) for node in _find(styles, "w:docDefaults//w:lang")] if styles is not None else []
    if not any(language.startswith("de") for language in languages):
        yield Finding(place=Place(file=document.template.name), rule="template-language", severity=Severity.WARNING,
                      value=", ".join(languages), message="Die Sprache des Dokuments ist nicht Deutsch",
                      hint="In Word: Überprüfen › Sprache › Deutsch (Deutschland) als Standard festlegen.")
    core = document.part(document.template.roles.core)
    if core is None or not _find(core, "//*[local-name()='title' and normalize-space()]"):
        yield Finding(place=Place(file=document.template.name), rule="template-title", severity=Severity.NOTE,
                      message="Die Vorlage hat keinen Titel", hint="In Word: Datei › Informationen › Titel.")


def nothing_is_left_over(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """No tracked changes and no comments are left in."""
    for change in document.find("//w:ins | //w:del | //w:moveFrom | //w:moveTo | //w:rPrChange | //w:pPrChange"):
        yield Finding(place=document.place(change), rule="template-changes", severity=Severity.WARNING,
                      message="Eine nachverfolgte Änderung ist weder angenommen noch abgelehnt",
                      hint="In Word: Überprüfen › Annehmen › Alle Änderungen annehmen.")
    for comment in document.find("//w:comment"):
        yield Finding(place=document.place(comment), rule="template-comment", severity=Severity.WARNING,
                      message="Ein Kommentar steht in der Vorlage und ginge mit jedem Dokument hinaus",
                      hint="In Word: Überprüfen › Löschen › Alle Kommentare löschen.")


def fonts_are_at_hand(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Every font in use is one that the PDF can embed."""
    for font in sorted(_fonts(document) - set(FONTS)):
        yield Finding(place=Place(file=document.template.name), rule="template-font", severity=Severity.WARNING, value=font,
                      message=f"Die Schrift „{font}“ steht nicht auf jedem Rechner zur Verfügung",
                      hint=f"In den Formatvorlagen eine dieser Schriften wählen: {', '.join(FONTS[:3])}.")


def _fonts(document: Document) -> set[str]:
    styles = document.part("word/styles.xml")
    found = set(document.find("//w:rFonts"))
    if styles is not None:
        found |= set(_find(styles, "w:docDefaults//w:rFonts"))
        for style in _styles_in_use(document, styles):
            found |= set(_find(style, ".//w:rFonts"))
    named = {str(fonts.get(f"{{{_W}}}{kind}")) for fonts in found for kind in ("ascii", "hAnsi") if fonts.get(f"{{{_W}}}{kind}")}
    themes = {str(fonts.get(f"{{{_W}}}asciiTheme")) for fonts in found if fonts.get(f"{{{_W}}}asciiTheme")}
    theme = document.part("word/theme/theme1.xml")
    for name in themes:
        kind = "major" if name.startswith("major") else "minor"
        if theme is not None:
            named |= {str(node.get("typeface")) for node in _find(theme, f"//a:{kind}Font/a:latin")}
    return named - {""}


def _styles_in_use(document: Document, styles: etree._Element) -> Iterator[etree._Element]:
    known = {str(style.get(f"{{{_W}}}styleId")): style for style in _find(styles, "w:style")}
    wanted = {_value(node) for node in document.find("//w:pStyle | //w:rStyle | //w:tblStyle")}
    wanted |= {name for name, style in known.items() if style.get(f"{{{_W}}}default") == "1"}
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in known and name not in seen:
            seen.add(name)
            yield known[name]
            wanted |= {_value(node) for node in _find(known[name], "w:basedOn")}


def nothing_comes_from_outside(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Pictures and templates are in the file, not fetched from elsewhere."""
    settings = f"{document.template.roles.main.rpartition('/')[0]}/settings.xml"
    for part in (*document.roots, settings):
        relations = document.part(relations_of(part))
        for relation in _find(relations, "//rel:Relationship[@TargetMode='External']") if relations is not None else ():
            kind = str(relation.get("Type")).rpartition("/")[2]
            if kind != "hyperlink":
                yield Finding(place=Place(file=document.template.name), rule="template-external", severity=Severity.WARNING,
                              value=str(relation.get("Target")), message="Die Vorlage verweist auf eine Datei außerhalb ihrer selbst",
                              hint="Das Bild einbetten statt verknüpfen, oder die Verknüpfung lösen.")


Rule = Callable[[Document, Mapping[str, object]], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    fields_are_known, fields_are_used,
    quotes_are_straight, tags_are_in_one_piece, loops_repeat_nothing_unique,
    formats_have_names, pictures_are_described, tables_have_headers, language_and_title_are_set,
    nothing_is_left_over, fonts_are_at_hand, nothing_comes_from_outside,
)


def lint(template: Template, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Everything that is wrong with a template; `sample` is a complete context of its kind.

    An ERROR would stop every document of this template (exit 4); warnings and notes do not.
    """
    document = Document(template)
    for rule in RULES:
        yield from rule(document, sample)
