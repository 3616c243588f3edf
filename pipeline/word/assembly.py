"""A finished document put together: the template's members, packed once, and what each document changes in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from pipeline.word import package, parts
from pipeline.word.package import Member, Package
from pipeline.word.parts import Relation
from pipeline.word.rendering import Media


class Assembly:
    """A template's package, ready to be written again with some of its members replaced."""

    def __init__(self, opened: Package, roles: parts.Roles) -> None:
        self._package = opened
        self._roles = roles
        self._announcements: dict[frozenset[str], dict[str, Member]] = {}

    @cached_property
    def members(self) -> dict[str, Member]:
        """All members, packed: the list of types first, as readers that stream expect."""
        names = sorted(self._package.parts, key=lambda name: name != parts.TYPES)
        return {name: package.pack(name, self._package.parts[name], level=9) for name in names}

    def replacing(self, changed: Package, names: Iterable[str]) -> Assembly:
        """The same with some members replaced; the others are not packed again."""
        made = Assembly(changed, self._roles)
        made.__dict__["members"] = self.members | {name: package.pack(name, changed.parts[name], level=9) for name in names}
        return made

    def document(self, made: Mapping[str, bytes], relations: Mapping[str, Mapping[str, Relation]], media: Iterable[Media]) -> bytes:
        """The package with the members in `made` (replaced or new), further relationships by part, and pictures."""
        files = {name: package.pack(name, data) for name, data in made.items()}
        for part, added in self._related(made, relations).items():
            name = parts.relations_of(part)
            files[name] = package.pack(name, parts.with_relations(self._package.name, part, self._package.parts.get(name), added))
        files |= {picture.name: package.pack(picture.name, picture.data) for picture in media}
        files |= self._announced(frozenset(name for name in files if name not in self._package.parts))
        return package.write((*(files.pop(name, member) for name, member in self.members.items()), *files.values()))

    def _related(self, made: Mapping[str, bytes], relations: Mapping[str, Mapping[str, Relation]]) -> dict[str, dict[str, Relation]]:
        found = {part: dict(added) for part, added in relations.items()}
        if self._roles.numbering in made and self._roles.numbering not in self._package.parts:
            found.setdefault(self._roles.main, {})["rIdGremiumNumbering"] = Relation(kind=parts.NUMBERING, target=f"/{self._roles.numbering}")
        return found

    def _announced(self, new: frozenset[str]) -> dict[str, Member]:
        """The list of types and the package's relationships, where new members have to be made known."""
        known = {self._roles.core: parts.CORE_TYPE, self._roles.custom: parts.CUSTOM_TYPE, self._roles.numbering: parts.NUMBERING_TYPE}
        endings = {name.rpartition(".")[2] for name in new if name.startswith("word/media/")}
        told = frozenset((*endings, *(name for name in new if name in known)))
        if told not in self._announcements:
            self._announcements[told] = self._announce({name: kind for name, kind in known.items() if name in told}, endings)
        return self._announcements[told]

    def _announce(self, overrides: Mapping[str, str], endings: Iterable[str]) -> dict[str, Member]:
        name, have = self._package.name, self._package.parts
        made: dict[str, bytes] = {}
        added = {identity: Relation(kind=kind, target=f"/{member}") for identity, kind, member in (
            ("rIdGremiumCore", parts.CORE, self._roles.core), ("rIdGremiumCustom", parts.CUSTOM, self._roles.custom)) if member in overrides}
        if added:
            made[parts.relations_of("")] = parts.with_relations(name, "", have[parts.relations_of("")], added)
        if overrides or endings:
            made[parts.TYPES] = parts.with_types(name, have[parts.TYPES], endings=endings, overrides=overrides)
        return {member: package.pack(member, data) for member, data in made.items()}
