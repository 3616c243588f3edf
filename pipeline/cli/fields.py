"""`gremium fields`: what a template may say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.records import Picture, SignatureLine


@click.command("fields")
@click.argument("kind", metavar="ART")
@click.option("--json", "as_json", is_flag=True, help="Felder und ein vollständiges Beispiel als JSON.")
@click.pass_obj
def command(desk: Desk, kind: str, as_json: bool) -> None:
    """Zeigt die Felder, die eine Vorlage dieser Art benutzen darf, mit Typ und Bedeutung.

    Beim Ändern einer Word-Vorlage: Das Feld, wie es dasteht, mit den doppelten Klammern in den Text setzen.

    Beispiele: gremium fields memorandum · gremium fields invitation --json
    """
    desk.kinds((kind,))
    from pipeline.papers.kinds import fields, sample
    described = fields(kind)
    if as_json:
        desk.give({"fields": [{"path": field.path, "type": field.type, "meaning": field.meaning} for field in described],
                   "sample": plain(sample(kind))})
        return
    widest = max(len(field.path) for field in described)
    for field in described:
        click.echo(f"{{{{ {field.path} }}}}{' ' * (widest - len(field.path))}  {field.type:9} {field.meaning}")


def plain(value: object) -> object:
    """A value of a context as JSON can carry it: pictures and signature lines by what they are called."""
    if isinstance(value, Picture):
        return {"picture": value.name, "alt": value.alt, "width": value.width, "height": value.height}
    if isinstance(value, SignatureLine):
        return {"signature": value.name, "label": value.label}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value
