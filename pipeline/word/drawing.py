"""Pictures and signature lines as WordprocessingML."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

EMU_PER_MM = 36_000           # English metric units, the measure of DrawingML

_NAMESPACES = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"',
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"',
)
RELATIONS = _NAMESPACES[3]    # declares the prefix of relationship ids
_SVG = ('<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip'
        ' xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="%s"/></a:ext></a:extLst>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture at one place; what it shows, and the relationships that lead to its files."""

    number: int               # its id, unique in the document
    name: str
    alt: str
    width: int                # EMU
    height: int               # EMU
    image: str                # relationship id
    svg: str | None = None    # relationship id of the same picture as vectors
    link: str | None = None   # relationship id of where a click leads


def inline(shown: Drawing) -> str:
    """A picture that stands in the line like a letter."""
    size = f'cx="{shown.width}" cy="{shown.height}"'
    wp, a, pic, r = _NAMESPACES
    described = f'id="{shown.number}" name={quoteattr(shown.name)}' + (f" descr={quoteattr(shown.alt)}" if shown.alt else "")
    link = f'<a:hlinkClick {a} {r} r:id="{shown.link}"/>' if shown.link else ""
    end = (f">{link}</wp:docPr>", f">{link}</pic:cNvPr>") if link else ("/>", "/>")
    return (
        f'<w:drawing><wp:inline {wp} distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr {described}{end[0]}'
        f'<wp:cNvGraphicFramePr><a:graphicFrameLocks {a} noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic {a}><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic {pic}>'
        f'<pic:nvPicPr><pic:cNvPr {described}{end[1]}<pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip {r} r:embed="{shown.image}">{_SVG % shown.svg if shown.svg else ""}</a:blip>'
        '<a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        '</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def signature(name: str, *, number: int, formatting: str) -> str:
    """A bookmark around one tab, so that the paragraph style's line shows where somebody signs."""
    return (f'<w:bookmarkStart w:id="{number}" w:name="signature_{name}"/><w:r>{formatting}<w:tab/></w:r>'
            f'<w:bookmarkEnd w:id="{number}"/>')
