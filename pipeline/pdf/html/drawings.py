"""Pictures, text boxes and lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lxml import etree

from pipeline.pdf.html import frames, vectors
from pipeline.pdf.html.formatting import Declarations, coloured
from pipeline.pdf.html.names import ADEC, ASVG, EMU, MC, PIC, VML, WP, WPS, A, length, points, r, w
from pipeline.pdf.html.refusals import BadPicture, UnsupportedContent
from pipeline.pdf.html.story import Story

_UNDERSTOOD = frozenset({"wps", "wp14", "w14", "w15", "w16", "w16du", "a14", "a16", "pic14"})
_KINDS = {    # by the last word of the graphic's address
    "chart": "ein Diagramm", "chartex": "ein Diagramm", "diagram": "eine SmartArt-Grafik", "wordprocessingCanvas": "ein Zeichenbereich",
    "wordprocessingGroup": "eine Gruppe von Zeichnungen", "ink": "eine Freihandzeichnung", "model3d": "ein 3D-Modell",
}
_FORMATS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_VECTOR = (b"<svg", b"<?xml", b"<!DOCTYPE svg", b"\xef\xbb\xbf<")


def chosen(alternatives: etree._Element) -> etree._Element:
    """The branch of an alternative that can be followed: the modern one where known, else the fallback."""
    for choice in alternatives.findall(f"{{{MC}}}Choice"):
        if set(choice.get("Requires", "").split()) <= _UNDERSTOOD:
            return choice
    fallback = alternatives.find(f"{{{MC}}}Fallback")
    return fallback if fallback is not None else alternatives


def read(element: etree._Element, story: Story) -> Iterator[Element]:
    """The elements of a drawing. Raises UnsupportedContent for charts and the like, BadPicture for unusable pictures."""
    if element.tag == w("pict"):
        yield from _old(element, story)
        return
    for holder in element:
        graphic = holder.find(f"{{{A}}}graphic/{{{A}}}graphicData")
        kind = "" if graphic is None else graphic.get("uri", "").rsplit("/", 1)[-1]
        picture = None if graphic is None else graphic.find(f"{{{PIC}}}pic")
        shape = None if graphic is None else graphic.find(f"{{{WPS}}}wsp")
        if picture is not None:
            made = _picture(holder, picture, story)
            _flow(made, holder, story)
            yield made
        elif shape is not None:
            yield from _shape(holder, shape, story)
        else:
            raise UnsupportedContent(_KINDS.get(kind, "eine Zeichnung"), story.place, hint="Als Bild mit Alternativtext einfügen.")


def _flow(element: Element, holder: etree._Element, story: Story) -> None:
    """Notes that text flows around a drawing placed by the sheet; in headers it never does."""
    kind = "" if story.name else frames.around(holder)
    if kind:
        element.set("data-around", kind)


def _size(holder: etree._Element) -> tuple[float, float]:
    extent = holder.find(f"{{{WP}}}extent")
    if extent is None:
        return 0.0, 0.0
    return points(extent.get("cx"), EMU) or 0.0, points(extent.get("cy"), EMU) or 0.0


def _placed(holder: etree._Element, story: Story) -> Declarations:
    width, height = _size(holder)
    css = frames.anchor(holder, width, height, story) if holder.tag == f"{{{WP}}}anchor" else {}
    return css | {"width": length(width), "height": length(height)}


def _picture(holder: etree._Element, picture: etree._Element, story: Story) -> Element:
    source = stored(_best(picture, story), story)
    css = _placed(holder, story)
    turned = picture.find(f"{{{PIC}}}spPr/{{{A}}}xfrm")
    if turned is not None and turned.get("rot"):
        css["transform"] = f"rotate({int(turned.get('rot', '0')) / 60000:g}deg)"
    properties = holder.find(f"{{{WP}}}docPr")
    decorative = properties is not None and any(item.get("val") == "1" for item in properties.iter(f"{{{ADEC}}}decorative"))
    alt = "" if properties is None else (properties.get("descr") or properties.get("title") or "").strip()
    if decorative or (story.name and not alt):
        css |= {"display": css.get("display", "inline-block"), "background": f"url({source}) 0 0 / 100% 100% no-repeat"}
        return Element("span", {"class": f"_decoration {story.document.sheet.direct(css)}"})
    if not alt:
        name = "" if properties is None else properties.get("name", "")
        raise UnsupportedContent(f"das Bild „{name}“ ohne Alternativtext", story.place,
                                 hint="In Word: Rechtsklick auf das Bild, „Alternativtext anzeigen“, und beschreiben, was es zeigt.")
    image = Element("img", {"src": source, "alt": alt})
    cut = picture.find(f"{{{PIC}}}blipFill/{{{A}}}srcRect")
    if cut is None or not cut.attrib:
        image.set("class", story.document.sheet.direct(css))
        return image
    return _cropped(image, cut, _size(holder), css, story)


def _cropped(image: Element, cut: etree._Element, size: tuple[float, float], css: Declarations, story: Story) -> Element:
    left, top, right, bottom = (int(cut.get(side, "0")) / 100000 for side in ("l", "t", "r", "b"))
    width, height = size[0] / max(1 - left - right, 0.01), size[1] / max(1 - top - bottom, 0.01)
    image.set("class", story.document.sheet.direct({"width": length(width), "height": length(height), "margin-left": length(-left * width),
                                                    "margin-top": length(-top * height), "display": "block"}))
    window = Element("span", {"class": story.document.sheet.direct({"display": "inline-block"} | css | {"overflow": "hidden"})})
    window.append(image)
    return window


def _best(picture: etree._Element, story: Story) -> str:
    """The part that holds the picture, vectors preferred."""
    blip = picture.find(f"{{{PIC}}}blipFill/{{{A}}}blip")
    vector = None if blip is None else next(blip.iter(f"{{{ASVG}}}svgBlip"), None)
    for element in (vector, blip):
        relation = None if element is None else story.relationships.get(element.get(r("embed"), ""))
        if relation is not None and not relation.external and relation.target in story.document.package:
            return relation.target
    linked = "" if blip is None else blip.get(r("link"), "")
    relation = story.relationships.get(linked)
    if relation is not None:
        raise BadPicture(relation.target, story.place, "es ist nur verknüpft und nicht eingebettet")
    raise BadPicture("Bild", story.place, "die Bilddatei fehlt in der Word-Datei")


def stored(part: str, story: Story) -> str:
    """Keeps a picture for the page; returns its address there, which names its content."""
    data = story.document.package.part(part)
    known = any(data.startswith(sign) for sign in _FORMATS) or (data.lstrip().startswith(_VECTOR) and b"<svg" in data[:4096])
    if not known:
        raise BadPicture(part, story.place, "kein PNG, JPEG, GIF oder SVG")
    reason = "" if any(data.startswith(sign) for sign in _FORMATS) else vectors.fault(part, data)
    if reason:
        raise BadPicture(part, story.place, reason)
    address = f"picture:{hashlib.sha256(data).hexdigest()}"
    story.document.pictures[address] = data
    return address


def _shape(holder: etree._Element, shape: etree._Element, story: Story) -> Iterator[Element]:
    text = shape.find(f"{{{WPS}}}txbx/{w('txbxContent')}")
    properties = shape.find(f"{{{WPS}}}spPr")
    geometry = None if properties is None else properties.find(f"{{{A}}}prstGeom")
    form = "" if geometry is None else geometry.get("prst", "")
    if text is None and form not in ("line", "straightConnector1", "rect"):
        raise UnsupportedContent("eine gezeichnete Form", story.place, hint="Als Bild mit Alternativtext einfügen.")
    css = _placed(holder, story) | _look(properties, form, _size(holder))
    if text is None:
        yield Element("span", {"class": f"_decoration {story.document.sheet.direct({'display': 'inline-block'} | css)}"})
        return
    inset = shape.find(f"{{{WPS}}}bodyPr")
    edges = [points(None if inset is None else inset.get(name), EMU) for name in ("tIns", "rIns", "bIns", "lIns")]
    usual = (3.6, 7.2, 3.6, 7.2)
    css["padding"] = " ".join(length(usual[side] if value is None else value) for side, value in enumerate(edges))
    box = Element("div", {"class": f"_text-box {story.document.sheet.direct({'box-sizing': 'border-box'} | css)}"})
    inside = frames.unbroken(box)
    story.document.blocks(text, inside, story)
    story.document.compare(text, inside)
    _flow(box, holder, story)
    story.beside.append(box)


def _look(properties: etree._Element | None, form: str, size: tuple[float, float]) -> Declarations:
    css: Declarations = {}
    line = None if properties is None else properties.find(f"{{{A}}}ln")
    colour = None if line is None else line.find(f"{{{A}}}solidFill/{{{A}}}srgbClr")
    stroke = None
    if line is not None and line.find(f"{{{A}}}noFill") is None and (colour is not None or form != "rect"):
        shade = "000000" if colour is None else colour.get("val", "000000")
        stroke = f"{length(points(line.get('w'), EMU) or 0.75)} solid {coloured(shade)}"
    if form in ("line", "straightConnector1"):
        css["border-left" if size[0] < size[1] else "border-top"] = stroke or "0.75pt solid #000000"
    elif stroke:
        css["border"] = stroke
    fill = None if properties is None else properties.find(f"{{{A}}}solidFill/{{{A}}}srgbClr")
    if fill is not None:
        css["background-color"] = coloured(fill.get("val", "ffffff"))
    return css


def _old(element: etree._Element, story: Story) -> Iterator[Element]:
    """A drawing of Word 2003: pictures are followed, everything else is refused."""
    images = list(element.iter(f"{{{VML}}}imagedata"))
    shape = element.find(f".//{{{VML}}}shape")
    if len(images) != 1 or shape is None:
        raise UnsupportedContent("eine Zeichnung aus einer alten Word-Version", story.place, hint="Als Bild mit Alternativtext einfügen.")
    relation = story.relationships.get(images[0].get(r("id"), ""))
    if relation is None or relation.external:
        raise BadPicture("Bild", story.place, "die Bilddatei fehlt in der Word-Datei")
    measures = dict(pair.split(":", 1) for pair in shape.get("style", "").replace(" ", "").split(";") if ":" in pair)
    css = {name: length(points(measures.get(name), 1.0) or 0.0) for name in ("width", "height") if points(measures.get(name), 1.0)}
    alt = shape.get("alt", "").strip()
    if not alt and not story.name:
        raise UnsupportedContent("ein Bild ohne Alternativtext", story.place, hint="In Word den Alternativtext des Bildes ausfüllen.")
    yield Element("img", {"src": stored(relation.target, story), "alt": alt or " ", "class": story.document.sheet.direct(css)})
