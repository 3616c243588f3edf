"""Whether somebody worked on the tables or templates while a build ran."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.build.inputs import sha256_of
from pipeline.workspace import Workspace

PASSED_OVER = (".", "~$", "#")     # hidden files, and those by which Office and LibreOffice note that a file is open


def contents(workspace: Workspace) -> Mapping[str, str]:
    """Every file in inputs/ and templates/, from the workspace, with its sha-256."""
    return {path.relative_to(workspace.root).as_posix(): digest for folder in (workspace.inputs, workspace.templates)
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(PASSED_OVER) and (digest := sha256_of(path))}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The files that are not what they were, that came and that went."""
    return tuple(path for path in sorted({**before, **after}) if before.get(path) != after.get(path))
