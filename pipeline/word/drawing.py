"""Pictures and signature lines as WordprocessingML."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from pipeline.records import Picture

EMU_PER_MM = 36_000           # English metric units, the measure of DrawingML

_NAMESPACES = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"',
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"',
)
_SVG = ('<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip'
        ' xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="%s"/></a:ext></a:extLst>')


def inline(picture: Picture, *, number: int, png: str, svg: str | None) -> str:
    """An inline drawing; `number` is its id in the document, `png` and `svg` are relationship ids."""
    size = f'cx="{round(picture.width * EMU_PER_MM)}" cy="{round(picture.height * EMU_PER_MM)}"'
    name, alt = quoteattr(picture.name), quoteattr(picture.alt)
    wp, a, pic, r = _NAMESPACES
    return (
        f'<w:drawing><wp:inline {wp} distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{number}" name={name} descr={alt}/>'
        f'<wp:cNvGraphicFramePr><a:graphicFrameLocks {a} noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic {a}><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic {pic}>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name={name} descr={alt}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip {r} r:embed="{png}">{_SVG % svg if svg else ""}</a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        '</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def signature(name: str, *, number: int, formatting: str) -> str:
    """A bookmark around one tab, so that the paragraph style's line shows where somebody signs."""
    return (f'<w:bookmarkStart w:id="{number}" w:name="signature_{name}"/><w:r>{formatting}<w:tab/></w:r>'
            f'<w:bookmarkEnd w:id="{number}"/>')
