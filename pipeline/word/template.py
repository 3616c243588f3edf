"""The Word template: opened and compiled once, merged any number of times.

What a template may do is docxtpl's language; where we differ stands in `docs/templates.md`. A render joins strings and
writes a zip: the package is not parsed again, parts without tags are copied as they were packed when the template was opened.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape, unescape

from lxml import etree

from pipeline.records import Provenance
from pipeline.word import package, parts, properties, tags
from pipeline.word.builder import Source
from pipeline.word.package import Member
from pipeline.word.program import Program
from pipeline.word.rendering import Rendering

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOOKMARK = re.compile(rb'<w:bookmarkStart\b[^>]*?\bw:id="(\d+)"')
_CHANGES_COLUMNS = re.compile(r"\{%-?\s*(?:tc\s|colspan\s|hm\s)")     # tags that make a row wider than its table's grid
_PROPERTY = "<value>%s</value>"


class Template:
    """A Word template, ready to be merged. Picklable; safe in any number of threads and processes."""

    def __init__(self, opened: package.Package, roles: parts.Roles, sources: tuple[Source, ...], core: Mapping[str, str]) -> None:
        """Use `Template.open`."""
        self._package = opened
        self._roles = roles
        self._sources = sources
        self._core = core
        self.name = opened.name              # file name
        self.sha256 = opened.sha256          # of the file's bytes, hexadecimal

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Template:
        """Reads and compiles a template. Raises TemplateError subclasses (exit 4), each one German sentence."""
        return cls.load(package.read(path))

    @classmethod
    def load(cls, opened: package.Package) -> Template:
        """Compiles a template that is in memory. Raises as `open` does."""
        roles = parts.roles(opened)
        sources = tuple(_sources(opened, roles))
        core = properties.core_source(opened.name, roles.core, opened.parts.get(roles.core))
        template = cls(opened, roles, sources, core)
        _ = template._programs, template._core_programs     # so that a wrong tag is known now
        return template

    def __getstate__(self) -> tuple[Any, ...]:
        return self._package, self._roles, self._sources, self._core

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.__init__(*state)    # type: ignore[misc]  # compiled anew in the other process, when first used

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

    def render(self, context: Mapping[str, object], *, title: str = "", author: str = "", date: dt.date | None = None,
               provenance: Provenance | None = None) -> bytes:
        """The document of one context: a complete .docx.

        Values are never read as templates. An empty title, author or date leaves the template's own.
        Raises TemplateError (a field is missing, an expression fails) or DocumentError (a value cannot be printed).
        """
        rendering = Rendering(document=provenance.key if provenance else title or self.name, first_bookmark=self._first_bookmark)
        made: dict[str, Member] = {}
        pictures: dict[str, dict[str, str]] = {}
        for program in self._programs:
            xml = self._merge(program, context, rendering)
            rendering.prove(program.part, xml)
            made[program.part] = package.pack(program.part, xml)
            if rendering.relations:
                pictures[program.part] = rendering.relations
        core = dict(self._core)
        for key, program in self._core_programs.items():
            core[key] = unescape(program.run(context, rendering).removeprefix("<value>").removesuffix("</value>"))
        made[self._roles.core] = package.pack(self._roles.core, properties.core(core, title=title, author=author, date=date))
        if provenance is not None:
            made[self._roles.custom] = package.pack(self._roles.custom, properties.custom(
                self.name, self._roles.custom, self._package.parts.get(self._roles.custom), provenance))
        for part, relations in pictures.items():
            made[parts.relations_of(part)] = self._with_pictures(part, relations, rendering)
        made |= {media.name: package.pack(media.name, media.data) for media in rendering.media.values()}
        made |= self._announced(provenance is not None, bool(rendering.media))
        return package.write((*(made.pop(name, member) for name, member in self._members.items()), *made.values()))

    # compiled once

    @cached_property
    def _programs(self) -> tuple[Program, ...]:
        return tuple(Program(source) for source in self._sources)

    @cached_property
    def _core_programs(self) -> dict[str, Program]:
        return {key: Program(Source(template=self.name, part=self._roles.core, text=_PROPERTY % escape(text), renumber=False, fit_grids=False))
                for key, text in self._core.items() if "{{" in text or "{%" in text}

    @cached_property
    def _members(self) -> dict[str, Member]:
        """All members, packed: the list of types first, as readers that stream expect."""
        names = sorted(self._package.parts, key=lambda name: name != parts.TYPES)
        return {name: package.pack(name, self._package.parts[name], level=9) for name in names}

    @cached_property
    def _first_bookmark(self) -> int:
        return 1 + max((int(number) for part in self._roles.merged for number in _BOOKMARK.findall(self._package.parts[part])), default=0)

    @cached_property
    def _announcements(self) -> dict[tuple[bool, bool], dict[str, Member]]:
        return {}

    # one document

    def _merge(self, program: Program, context: Mapping[str, object], rendering: Rendering) -> bytes:
        xml = program.run(context, rendering)
        if program.source.fit_grids:
            xml = tags.with_fitting_grids(xml)
        return _DECLARATION + xml.encode()

    def _with_pictures(self, part: str, relations: Mapping[str, str], rendering: Rendering) -> Member:
        name = parts.relations_of(part)
        added = {identity: (parts.IMAGE, rendering.media[media].name) for identity, media in relations.items()}
        return package.pack(name, parts.with_relations(self.name, part, self._package.parts.get(name), added))

    def _announced(self, custom: bool, pictures: bool) -> dict[str, Member]:
        """The list of types and the package's relationships, where new members have to be made known."""
        if (custom, pictures) not in self._announcements:
            self._announcements[custom, pictures] = dict(self._announce(custom, pictures))
        return self._announcements[custom, pictures]

    def _announce(self, custom: bool, pictures: bool) -> Iterator[tuple[str, Member]]:
        have = self._package.parts
        added: dict[str, tuple[str, str]] = {}
        overrides: dict[str, str] = {}
        for member, kind, identity, relation, wanted in (
            (self._roles.core, parts.CORE_TYPE, "rIdGremiumCore", parts.CORE, True),
            (self._roles.custom, parts.CUSTOM_TYPE, "rIdGremiumCustom", parts.CUSTOM, custom),
        ):
            if wanted and member not in have:
                added[identity] = (relation, member)
                overrides[member] = kind
        if added:
            name = parts.relations_of("")
            yield name, package.pack(name, parts.with_relations(self.name, "", have[name], added))
        if overrides or pictures:
            endings = parts.PICTURE_TYPES if pictures else ()
            yield parts.TYPES, package.pack(parts.TYPES, parts.with_types(self.name, have[parts.TYPES], endings=endings, overrides=overrides))


def _sources(opened: package.Package, roles: parts.Roles) -> Iterator[Source]:
    for part in roles.merged:
        root = tags.parse(opened.name, part, opened.parts[part])
        if not tags.tagged(root):
            continue
        broken = tags.unclosed(root)
        if broken is not None:
            raise tags.BadTag(opened.name, broken, "eine Auszeichnung wird nicht geschlossen")
        yield Source(template=opened.name, part=part, text=tags.prepared(root), renumber=part == roles.main,
                     fit_grids=bool(_CHANGES_COLUMNS.search(etree.tostring(root, method="text", encoding="unicode"))))
