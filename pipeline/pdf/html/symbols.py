"""Signs that Word keeps as places in a picture font, said in Unicode."""

from __future__ import annotations

_SYMBOL = {0xB7: "•", 0xD7: "⋅", 0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xBB: "≈", 0xAE: "→",
           0xAC: "←", 0xAD: "↑", 0xAF: "↓", 0xDE: "⇒", 0xE5: "∑", 0x2D: "−", 0x61: "α", 0x62: "β", 0x67: "γ", 0x64: "δ", 0x6C: "λ",
           0x6D: "μ", 0x70: "π", 0x73: "σ", 0x44: "Δ", 0x53: "Σ", 0x57: "Ω"}
_WINGDINGS = {0xA7: "▪", 0xA8: "◻", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0x77: "⬥", 0xD8: "➢", 0xFC: "✓", 0xFB: "✗", 0xFD: "☒",
              0xFE: "☑", 0xE0: "→", 0xDF: "←", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0x6C: "●", 0x9F: "•", 0x28: "☎", 0x2A: "✉", 0x4A: "☺"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def readable(character: str, font: str) -> str | None:
    """The Unicode sign behind a place in a picture font (U+F0FC in Wingdings → "✓"); None where it is not known."""
    table = _FONTS.get(font.lower())
    code = ord(character)
    if table is not None:
        return table.get(code - 0xF000 if code >= 0xF000 else code)
    if 0xE000 <= code <= 0xF8FF:      # private use: only its own font could show it
        return None
    return "◦" if character == "o" and font.lower() == "courier new" else character
