"""What a template looks like: whether the PDF can follow it, everybody can read it, and nothing was left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.word.document import Document, W, find, value_of
from pipeline.word.parts import relations_of

# The fonts every machine of the tool has (fonts-liberation), and what Word needs for bullets.
FONTS = ("Liberation Sans", "Liberation Serif", "Liberation Mono", "Symbol", "Wingdings")

# What a run or a paragraph may say beside its style: the PDF follows these, or they show nothing.
_RUN_MAY = frozenset(("rStyle", "lang", "noProof", "webHidden"))
_PARAGRAPH_MAY = frozenset(("pStyle", "numPr", "sectPr", "rPr", "keepNext", "keepLines", "framePr"))

_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_NUMBER = r"\d[\d.]*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf"
_THINGS = r"Projekten?|Partnern?|Allianzpartnern?|Organisationen|Expertenteams|Konsortien|Topthemen|Pilotprojekten?|Interessensbekundungen"
_TYPED = re.compile(rf"\b(?:{_NUMBER})\s+(?:{_THINGS})\b", re.IGNORECASE)


def formats_have_names(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Text is formatted by named styles only, for only these the PDF follows."""
    for paragraph in document.find("//w:p[.//w:t]"):
        own = {etree.QName(node).localname for node in find(paragraph, "w:pPr/*")} - _PARAGRAPH_MAY
        depth = sum(1 for _ in paragraph.iterancestors(f"{{{W}}}p")) + 1      # a text box stands in a paragraph and holds others
        own |= {etree.QName(node).localname for node in find(paragraph, f".//w:r[w:t][count(ancestor::w:p)={depth}]/w:rPr/*")} - _RUN_MAY
        if own:
            yield Finding(place=document.place(paragraph), rule="template-format", severity=Severity.WARNING, value=", ".join(sorted(own)),
                          message="Der Absatz ist von Hand formatiert; das PDF folgt nur Formatvorlagen",
                          hint="Den Absatz markieren, Strg+Leertaste und Strg+Q drücken und eine Formatvorlage wählen.")


def pictures_are_described(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Every picture has an alternative text, or is marked as decoration."""
    for drawing in document.find("//wp:docPr[not(@descr) or @descr='']"):
        if not find(drawing, ".//adec:decorative[@val='1' or @val='true']"):
            yield Finding(place=document.place(drawing), rule="template-alt", severity=Severity.WARNING, value=str(drawing.get("name") or ""),
                          message="Ein Bild hat keinen Alternativtext", hint="In Word: Rechtsklick auf das Bild › Alternativtext anzeigen.")


def tables_have_headers(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """A table of several rows and columns names its columns in a header row, or its rows in a first column marked as headings."""
    for table in document.find("//w:tbl[count(w:tr) > 1 and w:tr[count(w:tc) > 1]]"):
        if not find(table, "w:tr/w:trPr/w:tblHeader | w:tblPr/w:tblLook[@w:firstColumn='1' and @w:firstRow='0']"):
            yield Finding(place=document.place(table), rule="template-header", severity=Severity.WARNING,
                          message="Eine Tabelle hat keine Kopfzeile",
                          hint="In Word: erste Zeile › Tabelleneigenschaften › Zeile › „Gleiche Kopfzeile auf jeder Seite wiederholen“.")


def figures_are_counted(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """No number of what the tables count is typed: it would stay when the tables change."""
    for paragraph in document.find("//w:p[.//w:t]"):
        text = _TAG.sub(" ", "".join(node.text or "" for node in find(paragraph, ".//w:t")))
        for typed in _TYPED.finditer(text):
            yield Finding(place=document.place(paragraph), rule="template-figure", severity=Severity.NOTE, value=typed[0],
                          message=f"„{typed[0]}“ steht fest in der Vorlage und ändert sich nicht mit den Tabellen",
                          hint="Durch das Feld ersetzen, das gezählt wird; „gremium fields ART“ nennt alle.")


def language_and_title_are_set(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """The document says that it is German, and what it is called."""
    styles = document.part("word/styles.xml")
    languages = [value_of(node) for node in find(styles, "w:docDefaults//w:lang")] if styles is not None else []
    if not any(language.startswith("de") for language in languages):
        yield Finding(place=Place(file=document.template.name), rule="template-language", severity=Severity.WARNING,
                      value=", ".join(languages), message="Die Sprache des Dokuments ist nicht Deutsch",
                      hint="In Word: Überprüfen › Sprache › Deutsch (Deutschland) als Standard festlegen.")
    core = document.part(document.template.roles.core)
    if core is None or not find(core, "//*[local-name()='title' and normalize-space()]"):
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
        found |= set(find(styles, "w:docDefaults//w:rFonts"))
        for style in _styles_in_use(document, styles):
            found |= set(find(style, ".//w:rFonts"))
    named = {str(fonts.get(f"{{{W}}}{kind}")) for fonts in found for kind in ("ascii", "hAnsi") if fonts.get(f"{{{W}}}{kind}")}
    themes = {str(fonts.get(f"{{{W}}}asciiTheme")) for fonts in found if fonts.get(f"{{{W}}}asciiTheme")}
    theme = document.part("word/theme/theme1.xml")
    for name in themes:
        kind = "major" if name.startswith("major") else "minor"
        if theme is not None:
            named |= {str(node.get("typeface")) for node in find(theme, f"//a:{kind}Font/a:latin")}
    return named - {""}


def _styles_in_use(document: Document, styles: etree._Element) -> Iterator[etree._Element]:
    known = {str(style.get(f"{{{W}}}styleId")): style for style in find(styles, "w:style")}
    wanted = {value_of(node) for node in document.find("//w:pStyle | //w:rStyle | //w:tblStyle")}
    wanted |= {name for name, style in known.items() if style.get(f"{{{W}}}default") == "1"}
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in known and name not in seen:
            seen.add(name)
            yield known[name]
            wanted |= {value_of(node) for node in find(known[name], "w:basedOn")}


def nothing_comes_from_outside(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """Pictures and templates are in the file, not fetched from elsewhere."""
    settings = f"{document.template.roles.main.rpartition('/')[0]}/settings.xml"
    for part in (*document.roots, settings):
        relations = document.part(relations_of(part))
        for relation in find(relations, "//rel:Relationship[@TargetMode='External']") if relations is not None else ():
            kind, target = str(relation.get("Type")).rpartition("/")[2], str(relation.get("Target"))
            if kind == "hyperlink" and not target.startswith("mailto:"):
                yield Finding(place=Place(file=document.template.name), rule="template-link", severity=Severity.NOTE, value=target,
                              message="Die Vorlage verweist auf eine Adresse im Netz", hint="Prüfen, ob sie noch stimmt; jedes Dokument trägt sie.")
            elif kind != "hyperlink":
                yield Finding(place=Place(file=document.template.name), rule="template-external", severity=Severity.WARNING,
                              value=target, message="Die Vorlage verweist auf eine Datei außerhalb ihrer selbst",
                              hint="Das Bild einbetten statt verknüpfen, oder die Verknüpfung lösen.")
