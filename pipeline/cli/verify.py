"""`gremium verify`: what a file is, whether it is unaltered, and who signed it."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.errors import WorkspaceError

FAILED = 8


@click.command("verify", short_help="prüft eine Datei: woher, unverändert, von wem unterschrieben")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI")
@click.option("--json", "as_json", is_flag=True, help="Das Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, file: Path, as_json: bool) -> int:
    """Prüft eine PDF- oder Word-Datei: aus welchem Bau sie stammt, ob sie unverändert ist, wer sie unterschrieben hat.

    Geht auch ohne Arbeitsordner; mit ihm lässt sich mehr sagen. Beispiel: gremium verify outputs/signed/memorandum/….pdf
    """
    from pipeline.signing.keys import trusted
    from pipeline.signing.verify import verify
    try:
        workspace = desk.workspace
    except WorkspaceError:
        verdict = verify(file.read_bytes(), now=desk.now())
    else:
        with desk.ledger(read_only=True) as ledger:
            known = ledger.documents() if desk.ledger_path.exists() else None
        verdict = verify(file.read_bytes(), now=desk.now(), trust=trusted(workspace), known=known)
    if as_json:
        desk.give(verdict.as_json())
    else:
        for word, answer in (("Dokument", verdict.document), ("Unversehrtheit", verdict.integrity), ("Unterzeichnende", verdict.signatory),
                             ("Änderungen", verdict.change)):
            click.echo(f"{word:16} {answer.indication:14} {answer.sentence}")
        for found in verdict.signatures:
            when = f", {found.at:%d.%m.%Y %H:%M %Z}" if found.at else ""
            click.echo(f"  {found.field}: {found.signer}{when}{' – Demonstration' if found.demo else ''}")
        click.echo("Ergebnis: " + ("in Ordnung" if verdict.good else "nicht bestätigt"))
    return 0 if verdict.good else FAILED
