"""`gremium completion`: the Tab key completes commands, options, kinds and keys."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.tongue import tr

# Where each shell looks for it.
HOMES = {
    "bash": "In ~/.bashrc eine Zeile: eval \"$(gremium completion bash)\"",
    "zsh": "In ~/.zshrc eine Zeile: eval \"$(gremium completion zsh)\"",
    "fish": "Einmal ausführen: gremium completion fish > ~/.config/fish/completions/gremium.fish",
}


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(list(HOMES)))
def command(shell: str) -> None:
    """Gibt das Skript aus, mit dem die Tabulatortaste Befehle, Angaben, Papierarten und die Schlüssel der Papiere ergänzt.

    Es wird nur ausgegeben und nichts eingerichtet; die ersten Zeilen sagen, wohin es gehört. Beispiel: gremium completion bash
    """
    from click.shell_completion import get_completion_class

    from pipeline.cli.main import main
    script = get_completion_class(shell)
    assert script is not None       # the choice above names those click has
    click.echo("\n".join(f"# {line}" for line in (tr("Ergänzung mit der Tabulatortaste für gremium"), tr(HOMES[shell]))))
    click.echo(script(main, {}, "gremium", "_GREMIUM_COMPLETE").source())
