"""The Word template: opened and compiled once, merged any number of times.

What a template may do is docxtpl's language; where we differ stands in `docs/templates.md`. A render joins strings and
writes a zip: the package is not parsed again, parts without tags are copied as they were packed when the template was opened.
"""

from __future__ import annotations

import copy
import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from xml.sax.saxutils import unescape

from lxml import etree

from pipeline.records import Provenance
from pipeline.word import package, parts, places, properties, replacing, tags
from pipeline.word.assembly import Assembly
from pipeline.word.builder import Source
from pipeline.word.graft import Host
from pipeline.word.program import Filters, Program, environment
from pipeline.word.rendering import Rendering
from pipeline.word.sandbox import Environment
from pipeline.word.tags import BadTag
from pipeline.word.text import checked, refuse_markup

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOOKMARK = re.compile(rb'<w:bookmarkStart\b[^>]*?\bw:id="(\d+)"')
_CHANGES_COLUMNS = re.compile(r"\{%-?\s*(?:tc\s|colspan\s|hm\s)")     # tags that make a row wider than its table's grid
_PROPERTY = "<value>%s</value>"


class Template:
    """A Word template, ready to be merged. Picklable; safe in any number of threads and processes."""

    def __init__(self, opened: package.Package, roles: parts.Roles, sources: tuple[Source, ...], core: Mapping[str, str],  # noqa: PLR0913 the whole of a template
                 filters: Filters, *, draft: bool) -> None:
        """Use `Template.open`."""
        self._package = opened
        self._roles = roles
        self._sources = sources
        self._core = core
        self._filters = filters
        self._draft = draft
        self._assembly = Assembly(opened, roles)
        self.name = opened.name              # file name
        self.sha256 = opened.sha256          # of the file's bytes, hexadecimal

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, filters: Filters | None = None, draft: bool = False) -> Template:
        """Reads and compiles a template.

        `filters` are the office's own, by name; what they return is escaped like any value. A template for drafts marks
        missing fields («fehlt: person.name») instead of refusing. Raises TemplateError subclasses (exit 4), each one
        German sentence.
        """
        return cls.load(package.read(path), filters=filters, draft=draft)

    @classmethod
    def load(cls, opened: package.Package, *, filters: Filters | None = None, draft: bool = False) -> Template:
        """Compiles a template that is in memory. Raises as `open` does."""
        roles = parts.roles(opened)
        sources = tuple(_sources(opened, roles))
        core = properties.core_source(opened.name, roles.core, opened.parts.get(roles.core))
        template = cls(opened, roles, sources, core, dict(filters or {}), draft=draft)
        _ = template._programs, template._core_programs     # so that a wrong tag is known now
        return template

    def __getstate__(self) -> tuple[Any, ...]:
        return self._package, self._roles, self._sources, self._core, self._filters, self._draft

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.__init__(*state[:-1], draft=state[-1])    # type: ignore[misc]  # compiled anew in the other process, when first used

    @property
    def package(self) -> package.Package:
        """The file's members as they were read."""
        return self._package

    @property
    def roles(self) -> parts.Roles:
        """Which member is what."""
        return self._roles

    @property
    def programs(self) -> tuple[Program, ...]:
        """The compiled parts; a part without tags is none of them."""
        return (*self._programs, *self._core_programs.values())

    @cached_property
    def paths(self) -> frozenset[str]:
        """The fields the template uses, dotted: "partner.name", "projects[].title"."""
        return frozenset(use.path for program in self.programs for use in program.uses)

    # other files in it

    def replace_pic(self, name: str, data: bytes) -> Template:
        """The same template with another picture where `name` is a picture's name, title or alternative text. Raises TemplateError."""
        return self._with(replacing.pictures_called(self._package, self._roles, name), data)

    def replace_media(self, old: bytes, data: bytes) -> Template:
        """The same template with another file where a picture's is `old`. Raises TemplateError."""
        return self._with(replacing.holding(self._package, replacing.MEDIA, old), data)

    def replace_embedded(self, old: bytes, data: bytes) -> Template:
        """The same template with another file where an embedded object's is `old`. Raises TemplateError."""
        return self._with(replacing.holding(self._package, replacing.EMBEDDED, old), data)

    def replace_zipname(self, member: str, data: bytes) -> Template:
        """The same template with another file under this name of the package. Raises TemplateError."""
        return self._with(replacing.named(self._package, member), data)

    def _with(self, members: list[str], data: bytes) -> Template:
        made = copy.copy(self)
        made.__dict__ |= self.__dict__            # with what is compiled already
        made._package = replacing.exchanged(self._package, members, data)
        made._assembly = self._assembly.replacing(made._package, members)
        return made

    # one document

    def render(self, context: Mapping[str, object], *, title: str = "", author: str = "", date: dt.date | None = None,
               provenance: Provenance | None = None) -> bytes:
        """The document of one context: a complete .docx.

        Values are never read as templates. An empty title, author or date leaves the template's own.
        Raises TemplateError (a field is missing, an expression fails) or DocumentError (a value cannot be printed).
        """
        rendering = Rendering(document=provenance.key if provenance else title or self.name, first_bookmark=self._first_bookmark,
                              draft=self._draft, host=self._host)
        refuse_markup(rendering, context)
        made: dict[str, bytes] = {}
        relations: dict[str, dict[str, parts.Relation]] = {}
        for program in self._programs:
            made[program.part] = self._merge(program, context, rendering)
            if rendering.relations:
                relations[program.part] = rendering.relations
        made[self._roles.core] = self._properties(context, rendering, title, author, date)
        if provenance is not None:
            made[self._roles.custom] = properties.custom(
                self.name, self._roles.custom, self._package.parts.get(self._roles.custom), provenance)
        if rendering.guests is not None:
            made |= rendering.guests.changed()
        return self._assembly.document(made, relations, rendering.media.values())

    def _merge(self, program: Program, context: Mapping[str, object], rendering: Rendering) -> bytes:
        xml = program.run(context, rendering)
        if program.source.fit_grids:
            xml = tags.with_fitting_grids(self.name, xml)
        merged = _DECLARATION + xml.encode()
        rendering.prove(program.part, merged)
        return merged

    def _properties(self, context: Mapping[str, object], rendering: Rendering, title: str, author: str, date: dt.date | None) -> bytes:
        values = dict(self._core)
        for key, program in self._core_programs.items():
            values[key] = unescape(program.run(context, rendering).removeprefix("<value>").removesuffix("</value>"))
        completed = properties.completed(values, title=checked(rendering, "Titel", title), author=checked(rendering, "Verfasser", author), date=date)
        made = properties.core(completed)
        rendering.begin(())
        rendering.written += completed.values()
        rendering.prove(self._roles.core, made)
        return made

    # compiled once

    @cached_property
    def _environment(self) -> Environment:
        return environment(self._filters, draft=self._draft)

    @cached_property
    def _programs(self) -> tuple[Program, ...]:
        return tuple(Program(source, self._environment) for source in self._sources)

    @cached_property
    def _core_programs(self) -> dict[str, Program]:
        return {key: Program(Source(template=self.name, part=self._roles.core, area=places.PROPERTIES, styles={},
                                    text=_PROPERTY % tags.prepared_text(text), renumber=False, fit_grids=False), self._environment)
                for key, text in self._core.items() if "{{" in text or "{%" in text}

    @cached_property
    def _host(self) -> Host:
        return Host(self._package, self._roles)

    @cached_property
    def _first_bookmark(self) -> int:
        return 1 + max((int(number) for part in self._roles.merged for number in _BOOKMARK.findall(self._package.parts[part])), default=0)


def faults(opened: package.Package) -> Iterator[BadTag]:
    """What is wrong with the tags of a template: all that are never closed, else the first fault of each part. Raises TemplateError."""
    roles = parts.roles(opened)
    styles = places.style_names(opened, roles.main)
    for part in roles.merged:
        root = tags.parse(opened.name, part, opened.parts[part])
        unclosed = list(_unclosed(opened, root, styles))
        yield from unclosed
        try:
            if not unclosed and tags.tagged(root):
                Program(_source(opened, part, root, roles, styles), environment({}, draft=False))
        except BadTag as error:
            yield error


def _unclosed(opened: package.Package, root: etree._Element, styles: Mapping[str, str]) -> Iterator[BadTag]:
    for broken in tags.unclosed(root):
        yield BadTag(opened.name, places.said(*places.of_paragraph(broken, styles)), "eine Auszeichnung wird nicht geschlossen")


def _source(opened: package.Package, part: str, root: etree._Element, roles: parts.Roles, styles: Mapping[str, str]) -> Source:
    return Source(template=opened.name, part=part, area=places.area(root), styles=styles, text=tags.prepared(root), renumber=part == roles.main,
                  fit_grids=bool(_CHANGES_COLUMNS.search(etree.tostring(root, method="text", encoding="unicode"))))


def _sources(opened: package.Package, roles: parts.Roles) -> Iterator[Source]:
    styles = places.style_names(opened, roles.main)
    for part in roles.merged:
        root = tags.parse(opened.name, part, opened.parts[part])
        if not tags.tagged(root):
            continue
        for error in _unclosed(opened, root, styles):
            raise error
        yield _source(opened, part, root, roles, styles)
