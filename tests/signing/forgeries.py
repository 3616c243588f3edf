"""Returns as they should not be: what is done to a memorandum between giving out and coming back.

Each maker takes the file as it was given out and returns what comes back; each signature on it is valid in itself unless
the maker's point is that it is not. After Mladenov et al. 2019 (signature wrapping, incremental saving, universal
forgery), Mainka et al. 2021 (shadow attacks) and Rohlmann et al. 2021 (evil annotation, sneaky signature).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from unittest.mock import patch

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic, xref
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pipeline.signing.pen import Pen
from tests.signing import partners
from tests.signing.partners import NOW, OTHER, SIGNED, YEAR, certified, key, signed

Maker = Callable[[bytes], bytes]
Update = Callable[[IncrementalPdfFileWriter], object]
EOF = b"%%EOF"


# means


def updated(pdf: bytes, change: Update) -> bytes:
    """An incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(pdf: bytes, change: Callable[[pikepdf.Pdf], object] = lambda pdf: None, **options: object) -> bytes:
    """The file saved anew."""
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        out = BytesIO()
        document.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def patched(pdf: bytes, pattern: bytes, replacement: bytes, *, last: bool = True) -> bytes:
    """The last (or first) match overwritten, padded with blanks so that everything stays in its place."""
    found = list(re.finditer(pattern, pdf, re.DOTALL))
    match = found[-1 if last else 0]
    assert len(replacement) <= len(match[0]), (len(replacement), match[0])
    return pdf[:match.start()] + replacement.ljust(len(match[0])) + pdf[match.end():]


def _page(writer: IncrementalPdfFileWriter, number: int = 1) -> DictionaryObject:
    page: DictionaryObject = writer.find_page_for_modification(number)[0].get_object()
    return page


def _stream(data: bytes, **entries: object) -> StreamObject:
    return StreamObject(DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()}), stream_data=data)


def _names(**entries: str) -> dict[str, NameObject]:
    return {name: NameObject(f"/{value}") for name, value in entries.items()}


OTHER_TEXT = b"BT /F1 24 Tf 72 600 Td (Der Beitrag betraegt 99.000 Euro.) Tj ET"
WHITE = b"1 1 1 rg 0 500 595 200 re f "


def _new_amount(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page["/Contents"] = writer.add_object(_stream(OTHER_TEXT))
    writer.update_container(page)


def _rotate(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer, 0)
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)


def _add_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    new = DictionaryObject({NameObject("/Type"): NameObject("/Page"), NameObject("/Parent"): writer.root.raw_get("/Pages"),
                            NameObject("/MediaBox"): ArrayObject(map(NumberObject, (0, 0, 595, 842))),
                            NameObject("/Resources"): DictionaryObject(), NameObject("/Contents"): writer.add_object(_stream(b"0 0 90 90 re f"))})
    pages["/Kids"].append(writer.add_object(new))
    pages["/Count"] = NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages["/Kids"])
    writer.update_container(pages)


def _remove_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    del pages["/Kids"][0]
    pages["/Count"] = NumberObject(1)
    writer.update_container(pages["/Kids"])
    writer.update_container(pages)


def _annotation(writer: IncrementalPdfFileWriter, **more: object) -> generic.IndirectObject:
    look = writer.add_object(_stream(WHITE + OTHER_TEXT, **_names(Type="XObject", Subtype="Form"),
                                     BBox=ArrayObject(map(NumberObject, (0, 0, 595, 842))),
                                     Resources=_page(writer).raw_get("/Resources")))
    return writer.add_object(DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Stamp"), NameObject("/F"): NumberObject(4),
        NameObject("/Rect"): ArrayObject(map(NumberObject, (0, 0, 595, 842))), NameObject("/AP"): DictionaryObject({NameObject("/N"): look}),
        **{NameObject(f"/{name}"): value for name, value in more.items()}}))


def _cover(writer: IncrementalPdfFileWriter, **more: object) -> None:
    page = _page(writer)
    if "/Annots" not in page:
        page["/Annots"] = ArrayObject()
    page["/Annots"].append(_annotation(writer, **more))
    writer.update_container(page["/Annots"])
    writer.update_container(page)


def _uncover(writer: IncrementalPdfFileWriter) -> None:
    annotations = _page(writer)["/Annots"]
    del annotations[-1]
    writer.update_container(annotations)


def _other_font(writer: IncrementalPdfFileWriter) -> None:
    """Digits look like other digits: the text stays, its glyphs do not."""
    font = _page(writer)["/Resources"]["/Font"]["/F1"]
    font["/Encoding"] = DictionaryObject({NameObject("/Type"): NameObject("/Encoding"), NameObject("/Differences"): ArrayObject(
        [NumberObject(48), *(NameObject(f"/{name}") for name in ("nine", "nine", "two", "three"))])})
    writer.update_container(font)


def _javascript(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")})
    writer.update_root()


def _xfa(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/XFA"] = writer.add_object(_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>"))
    writer.update_container(form)


def _swap_attachment(writer: IncrementalPdfFileWriter) -> None:
    spec = _attached(writer)
    spec["/EF"]["/F"] = spec["/EF"]["/UF"] = writer.add_object(_stream(b"Projekt;Betrag\nHafen;99.000\n", **_names(Type="EmbeddedFile")))
    writer.update_container(spec["/EF"])


def _attached(writer: IncrementalPdfFileWriter) -> DictionaryObject:
    tree = writer.root["/Names"]["/EmbeddedFiles"]
    spec: DictionaryObject = (tree["/Names"] if "/Names" in tree else tree["/Kids"][0]["/Names"])[1].get_object()
    return spec


def _drop_attachments(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]
    del names["/EmbeddedFiles"]
    writer.update_container(names)


def _other_key(writer: IncrementalPdfFileWriter) -> None:
    packet = bytes(writer.root["/Metadata"].data).replace(b"memorandum/P-001", b"memorandum/P-002")
    writer.root["/Metadata"] = writer.add_object(_stream(packet, **_names(Type="Metadata", Subtype="XML")))
    writer.update_root()


def _hide_layer(writer: IncrementalPdfFileWriter) -> None:
    group = writer.add_object(DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("x")}))
    writer.root["/OCProperties"] = DictionaryObject({NameObject("/OCGs"): ArrayObject([group]), NameObject("/D"): DictionaryObject(
        {NameObject("/OFF"): ArrayObject([group])})})
    writer.update_root()
    _cover(writer, OC=group)


def _show_layer(writer: IncrementalPdfFileWriter) -> None:
    settings = writer.root["/OCProperties"]["/D"]
    settings["/OFF"] = ArrayObject()
    writer.root["/OCProperties"] = DictionaryObject({NameObject("/OCGs"): writer.root["/OCProperties"]["/OCGs"], NameObject("/D"): settings})
    writer.update_root()


# what comes back


class _Program(signers.PdfSigner):
    """Another program, on the day the partners signed."""

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = SIGNED
        return session


def _elsewhere(pdf: bytes, name: str, look: StaticStampStyle | None = None, field: SigFieldSpec | None = None) -> bytes:
    out = BytesIO()
    _Program(signers.PdfSignatureMetadata(field_name=name, md_algorithm="sha256"), Pen(key()), stamp_style=look, new_field_spec=field).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf), strict=False), existing_fields_only=field is None, output=out)
    return out.getvalue()


def signed_elsewhere(pdf: bytes) -> bytes:
    """Signed by a program that asks nothing about what was there before."""
    return _elsewhere(pdf, "partner")


def added_field(pdf: bytes, name: str = "Signature1", box: tuple[int, int, int, int] = (300, 300, 500, 360)) -> bytes:
    """Signed by another program, which made a field of its own."""
    return _elsewhere(pdf, name, field=SigFieldSpec(name, on_page=1, box=box))


def sneaky(pdf: bytes) -> bytes:
    """A signature field that covers the amount with another (sneaky signature attack)."""
    look = StaticStampStyle(background=RawContent(b"0.9 g 0 0 460 60 re f", box=BoxConstraints(460, 60)), border_width=0)
    return _elsewhere(signed(pdf), "Neu", look, SigFieldSpec("Neu", on_page=1, box=(70, 580, 530, 640)))


def revoked(pdf: bytes) -> bytes:
    """Signed with a certificate taken back, and the list that says so."""
    who = key("Rita Ruf", serial=77)
    stream = BytesIO(signed(pdf, who))
    writer = IncrementalPdfFileWriter(stream)
    from asn1crypto import crl
    listed = crl.CertificateList.load(partners.revocations(77, NOW - YEAR / 2))
    DocumentSecurityStore.supply_dss_in_writer(writer, None, crls=[listed])
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def truncated(share: float) -> Maker:
    """Only the beginning arrived."""
    def make(pdf: bytes) -> bytes:
        whole = signed(pdf)
        return whole[:int(len(whole) * share)]
    return make


def objects_appended(pdf: bytes) -> bytes:
    """Incremental saving without table and trailer: a lenient reader finds the new objects by searching."""
    whole = signed(pdf)
    return whole + b"\n4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n%%%%EOF\n" % (len(OTHER_TEXT), OTHER_TEXT)


def copied_signature(pdf: bytes) -> bytes:
    """Incremental saving with the signature copied into the update, so that a verifier looks there."""
    whole = updated(signed(pdf), _new_amount)
    value = re.findall(rb"/Contents\s*<([0-9A-Fa-f]+)>", whole)[-1]
    return whole + b"\n900 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /Contents <%s> /ByteRange [0 0 0 0] >>\nendobj\n" % value


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: the second signed part is moved back, and something else put before it."""
    whole = signed(pdf)
    ranges = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", whole))[-1]
    second = int(ranges[3])
    more = b"\n4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(OTHER_TEXT), OTHER_TEXT)
    said = b"/ByteRange [%s %s %d %s]" % (ranges[1], ranges[2], second + len(more), ranges[4])
    moved = whole[:second] + more + whole[second:]
    assert len(said) <= len(ranges[0]) + 8
    return moved[:ranges.start()] + said.ljust(len(ranges[0]))[:max(len(said), len(ranges[0]))] + moved[ranges.end():]


def wrapped_in_padding(pdf: bytes) -> bytes:
    """Signature wrapping without moving anything: the blank end of the signature's room holds another object."""
    whole = signed(pdf)
    value = list(re.finditer(rb"/Contents\s*<([0-9A-Fa-f]+)>", whole))[-1]
    more = b">\nendobj\n4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n<" % (len(OTHER_TEXT), OTHER_TEXT)
    end = value.end(1)
    return whole[:end - len(more)] + more + whole[end:]


BYTE_RANGE = rb"/ByteRange\s*\[[^\]]*\]"
CONTENTS = rb"/Contents\s*<[0-9A-Fa-f]+>"


def forged(pattern: bytes, replacement: bytes) -> Maker:
    """Universal forgery: the entry that a verifier needs is missing or nonsense in the partner's signature."""
    return lambda pdf: patched(signed(pdf), pattern, replacement)


def unsigned_field(pdf: bytes) -> bytes:
    """Universal forgery by update: the partner's field points at a dictionary that is no signature."""
    def fill(writer: IncrementalPdfFileWriter) -> None:
        field = next(each.get_object() for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == "partner")
        field["/V"] = writer.add_object(DictionaryObject({
            NameObject("/Type"): NameObject("/Sig"), NameObject("/Name"): TextStringObject("Mia Muster")}))
        writer.update_container(field)
    return updated(pdf, fill)


def hybrid(pdf: bytes) -> bytes:
    """Saved by an office suite that writes both kinds of tables: rewritten, with a table that points at a hidden stream."""
    plain = rewritten(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    start = int(re.findall(rb"startxref\s+(\d+)", plain)[-1])
    stream = b"\n990 0 obj\n<< /Type /XRef /Size 991 /W [1 2 1] /Index [990 1] /Length 4 >>\nstream\n\x01\x00\x00\x00\nendstream\nendobj\n"
    at = len(plain) + 1
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 991 /Root %s /Prev %d /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        re.findall(rb"/Root\s+(\d+ \d+ R)", plain)[-1], start, at, at + len(stream) - 1)
    return plain + stream + table


def bomb_in_metadata(pdf: bytes) -> bytes:
    """A hundred kilobytes that unpack to a hundred megabytes where everybody looks."""
    def fill(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Metadata"] = writer.add_object(StreamObject(
            DictionaryObject({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML"),
                              NameObject("/Filter"): NameObject("/FlateDecode")}), encoded_data=zlib.compress(bytes(100_000_000), 9)))
        writer.update_root()
    return updated(signed(pdf), fill)


def bomb_of_forms(pdf: bytes) -> bytes:
    """Thirty forms, each of which draws the next one ten times."""
    def fill(document: pikepdf.Pdf) -> None:
        last = document.make_stream(b"0 0 9 9 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 595, 842])
        for _ in range(30):
            last = document.make_stream(b"/X Do " * 10, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 595, 842],
                                        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=last)))
        page = document.pages[0]
        page.Resources.XObject = pikepdf.Dictionary(X=last)
        page.Contents = document.make_stream(b"/X Do")
    return rewritten(pdf, fill)


def bomb_of_pages(pdf: bytes) -> bytes:
    """A page as large as PDF allows."""
    def fill(document: pikepdf.Pdf) -> None:
        document.pages[0].MediaBox = [0, 0, 14_400_000, 14_400_000]
    return rewritten(pdf, fill)


def loop(pdf: bytes) -> bytes:
    """Its table of objects points at itself."""
    whole = signed(pdf)
    last = int(re.findall(rb"startxref\s+(\d+)", whole)[-1])
    return whole + b"xref\n0 0\ntrailer\n<< /Size 9 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(whole), len(whole) if last else 0)


def two_pages_swapped(pdf: bytes) -> bytes:
    """Hide-and-replace: another document lies in the file when it is signed, and is brought out afterwards."""
    def hide(writer: IncrementalPdfFileWriter) -> None:
        writer.add_object(_stream(OTHER_TEXT))

    def show(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page["/Contents"] = writer.add_object(_stream(OTHER_TEXT))
        writer.update_container(page)
    return updated(signed(updated(pdf, hide)), show)


def twice(pdf: bytes) -> bytes:
    """Two for the partner, the second in the field of the chamber."""
    return signed(signed(pdf), key("Kurt Kühn"), "kammer")


def _other_catalog(writer: IncrementalPdfFileWriter) -> None:
    """The trailer names another catalog, whose pages come in another order."""
    pages = writer.root["/Pages"]
    kids = ArrayObject([pages["/Kids"].raw_get(1), pages["/Kids"].raw_get(0)])
    tree = writer.add_object(DictionaryObject({NameObject("/Type"): NameObject("/Pages"), NameObject("/Count"): NumberObject(2),
                                               NameObject("/Kids"): kids}))
    writer._root = writer.add_object(DictionaryObject({**{key: writer.root.raw_get(key) for key in writer.root}, NameObject("/Pages"): tree}))


def _reorder(writer: IncrementalPdfFileWriter) -> None:
    kids = writer.root["/Pages"]["/Kids"]
    kids.reverse()
    writer.update_container(kids)
    writer.update_container(writer.root["/Pages"])


def _text_field(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(DictionaryObject({
        NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("betrag"), NameObject("/V"): TextStringObject("99.000")})))
    writer.update_container(form["/Fields"])
    writer.update_container(form)


def _field(writer: IncrementalPdfFileWriter, name: str) -> DictionaryObject:
    found: DictionaryObject = next(each.get_object() for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == name)
    return found


def _look(writer: IncrementalPdfFileWriter, width: int = 200) -> StreamObject:
    return _stream(b"0 g 5 5 %d 50 re f" % width, **_names(Type="XObject", Subtype="Form"), BBox=ArrayObject(map(NumberObject, (0, 0, width, 60))))


def _looks(name: str) -> Update:
    """A field looks as if somebody had signed, or somebody else."""
    def change(writer: IncrementalPdfFileWriter) -> None:
        field = _field(writer, name)
        field["/AP"] = DictionaryObject({NameObject("/N"): writer.add_object(_look(writer))})
        writer.update_container(field)
    return change


def _look_in_place(writer: IncrementalPdfFileWriter) -> None:
    place = _field(writer, "stadt")["/AP"].raw_get("/N").reference
    writer.objects[(place.generation, place.idnum)] = _look(writer)


def _move(writer: IncrementalPdfFileWriter) -> None:
    """The partner's field lies over the amount."""
    field = _field(writer, "partner")
    field["/Rect"] = ArrayObject(map(NumberObject, (60, 560, 560, 640)))
    writer.update_container(field)


def _uncertify(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def _tangle(writer: IncrementalPdfFileWriter) -> None:
    """Forty objects, each of which points at the next one twice: more paths than anybody can follow."""
    last = writer.add_object(DictionaryObject())
    for _ in range(40):
        last = writer.add_object(DictionaryObject({NameObject("/A"): last, NameObject("/B"): last}))
    writer.root["/PieceInfo"] = last
    writer.update_root()


def entangled(pdf: bytes) -> bytes:
    """A file that cannot be walked through, in one piece."""
    def fill(document: pikepdf.Pdf) -> None:
        last = document.make_indirect(pikepdf.Dictionary())
        for _ in range(40):
            last = document.make_indirect(pikepdf.Dictionary(A=last, B=last))
        document.Root.PieceInfo = last
    return rewritten(pdf, fill)


def _tangle_fields(writer: IncrementalPdfFileWriter) -> None:
    """Two fields that both hold the same two, and so on: a form with more fields than atoms."""
    def pair(**more: object) -> ArrayObject:
        return ArrayObject(writer.add_object(DictionaryObject({
            NameObject("/T"): TextStringObject(name), **{NameObject(f"/{key}"): value for key, value in more.items()}})) for name in "ab")
    fields = pair(FT=NameObject("/Sig"))
    for _ in range(40):
        fields = pair(Kids=fields)
    form = writer.root["/AcroForm"]
    form["/Fields"].extend(fields)
    writer.update_container(form["/Fields"])
    writer.update_container(form)


def seen_in_print_alone(pdf: bytes) -> bytes:
    """A signature field over the amount that is drawn on paper and not on the screen."""
    def add(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Neu", on_page=1, box=(70, 580, 530, 640)))
        field = _field(writer, "Neu")
        field["/F"] = NumberObject(4 + 32)
        field["/AP"] = DictionaryObject({NameObject("/N"): writer.add_object(_look(writer, 460))})
    return _elsewhere(updated(pdf, add), "Neu")


def revision_skipped(pdf: bytes) -> bytes:
    """The file as it was before the city signed is the newest again."""
    before = re.findall(rb"startxref\s+(\d+)", pdf)[-2]
    return pdf + b"\nstartxref\n%s\n%%%%EOF\n" % before


def object_stream_overridden(pdf: bytes) -> bytes:
    """Not the pages are written anew, but what they are packed in."""
    reader = PdfFileReader(BytesIO(pdf))
    packed = reader.xrefs[reader.root["/Pages"]["/Kids"].raw_get(1).reference]

    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.Reference(packed.obj_stream_id, 0, reader).get_object()
        data = stream.data.replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 0 595 421 ]")
        kept = {key: value for key, value in stream.items() if key not in ("/Filter", "/DecodeParms", "/Length")}
        writer.objects[(0, packed.obj_stream_id)] = StreamObject(DictionaryObject(kept), stream_data=data)
    return updated(pdf, change)


def hidden_in_a_hybrid(pdf: bytes) -> bytes:
    """An update whose table holds nothing and points at a stream that swaps the contents of a page."""
    reader = PdfFileReader(BytesIO(pdf))
    return _hybrid_update(pdf, reader, reader.root["/Pages"]["/Kids"][1].raw_get("/Contents").reference.idnum)


def written_as_a_hybrid(pdf: bytes) -> bytes:
    """The same with something nobody uses: nothing is wrong with the content, but strict readers refuse such files."""
    reader = PdfFileReader(BytesIO(pdf))
    return signed_elsewhere(_hybrid_update(pdf, reader, int(reader.trailer["/Size"]) + 1))


def _hybrid_update(pdf: bytes, reader: PdfFileReader, contents: int) -> bytes:
    size, root = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum
    new = b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (contents, len(OTHER_TEXT), OTHER_TEXT)
    entry = b"\1" + (len(pdf) + 1).to_bytes(4, "big") + b"\0"
    stream = b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1] /Index [%d 1] /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        size, size + 2, contents, len(entry), entry)
    before = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    table = b"xref\n0 0\ntrailer\n<< /Size %d /Root %d 0 R /Prev %s /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        size + 2, root, before, len(pdf) + len(new), len(pdf) + len(new) + len(stream))
    return pdf + new + stream + table


def said_twice(pdf: bytes, *, packed: bool = False, forged_first: bool = True) -> bytes:
    """An update whose table says twice where the contents of a page stand: some readers take the first entry, some the last."""
    reader = PdfFileReader(BytesIO(pdf))
    contents = reader.root["/Pages"]["/Kids"][1].raw_get("/Contents").reference.idnum
    size, root = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum
    before = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    new = b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (contents, len(OTHER_TEXT), OTHER_TEXT)
    places = [len(pdf) + 1, int(reader.xrefs[reader.root["/Pages"]["/Kids"][1].raw_get("/Contents").reference])]
    places = places if forged_first else places[::-1]
    start = len(pdf) + len(new)
    if packed:
        entries = b"".join(b"\1" + place.to_bytes(4, "big") + b"\0" for place in places)
        table = (b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1] /Index [%d 1 %d 1] /Root %d 0 R /Prev %d /Length %d >>\n"
                 b"stream\n%s\nendstream\nendobj\n") % (size, size + 1, contents, contents, root, before, len(entries), entries)
    else:
        lines = b"".join(b"%d 1\n%010d 00000 n \n" % (contents, place) for place in places)
        table = b"xref\n%strailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (lines, size, root, before)
    return pdf + new + table + b"startxref\n%d\n%%%%EOF\n" % start


def signed_unaware(pdf: bytes) -> bytes:
    """Signed by a program that takes the last of two entries and says nothing."""
    with patch.object(xref, "parse_xref_table", xref.parse_xref_table.__wrapped__):  # type: ignore[attr-defined]  # ours wraps it
        return signed_elsewhere(pdf)


def two_pasts(pdf: bytes, other: bytes = b"/Prev", *, forged_first: bool = True) -> bytes:
    """An update that says twice which table came before it: the one of the file, and one that swaps the contents of a page."""
    reader = PdfFileReader(BytesIO(pdf))
    contents = reader.root["/Pages"]["/Kids"][1].raw_get("/Contents").reference.idnum
    size, root = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum
    before = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    new = b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (contents, len(OTHER_TEXT), OTHER_TEXT)
    forged = len(pdf) + len(new)
    new += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (contents, len(pdf) + 1, size, root, before)
    first, second = (forged, before) if forged_first else (before, forged)
    return pdf + new + b"xref\n0 0\ntrailer\n<< /Size %d /Root %d 0 R /Prev %d %s %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, root, first, other, second, len(pdf) + len(new))


def object_in_the_gap(pdf: bytes) -> bytes:
    """The signature's value ends early, and what it leaves free of the gap nobody signs holds an object."""
    whole = signed(pdf)
    value = list(re.finditer(rb"/Contents\s*<([0-9A-Fa-f]+)>", whole))[-1]
    more = b"\nendobj\n4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(OTHER_TEXT), OTHER_TEXT)
    end = value.end(1)
    return whole[:end - len(more) - 1] + b">" + more + b" " + whole[end + 1:]


def brought_in_later(pdf: bytes) -> bytes:
    """What is signed points at an object that comes only afterwards."""
    def point(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page["/Contents"] = ArrayObject([page.raw_get("/Contents"), generic.IndirectObject(300, 0, writer)])
        writer.update_container(page)

    def bring(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, 300)] = _stream(WHITE + OTHER_TEXT)
    return updated(signed(updated(pdf, point)), bring)


def after_the_countersignature(pdf: bytes) -> bytes:
    """Everybody has signed, and then the amount is changed."""
    return updated(signed(signed(pdf), key("Kammer zu Dortmund", "Kammer zu Dortmund"), "kammer"), _new_amount)


def many_revisions(pdf: bytes) -> bytes:
    """Three hundred updates of nothing."""
    whole = signed(pdf)
    root = re.findall(rb"/Root\s+(\d+ \d+ R)", whole)[-1]
    before = re.findall(rb"startxref\s+(\d+)", whole)[-1]
    for _ in range(300):
        at = b"%d" % len(whole)
        whole += b"xref\n0 0\ntrailer\n<< /Size 60 /Root %s /Prev %s >>\nstartxref\n%s\n%%%%EOF\n" % (root, before, at)
        before = at
    return whole


def weak(digest: str, bits: int = 2048) -> Maker:
    """Signed with what can be forged."""
    def make(pdf: bytes) -> bytes:
        private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        theirs = asn1_x509.Certificate.load(certified(private.public_key()).public_bytes(Encoding.DER))
        own = asn1_keys.PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        pen = signers.SimpleSigner(signing_cert=theirs, signing_key=own, cert_registry=SimpleCertificateStore())
        out = BytesIO()
        _Program(signers.PdfSignatureMetadata(field_name="partner", md_algorithm=digest), pen).sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True, output=out)
        return out.getvalue()
    return make


# the table: who made what, and in four letters what is answered of integrity, signatory, change and document
# (P passed, I indeterminate, F failed)

BEFORE: dict[str, tuple[Maker, str, str]] = {
    "amount changed, then signed": (lambda pdf: signed(updated(pdf, _new_amount)), "refused", "PPFP"),
    "amount changed in a new file, then signed": (lambda pdf: signed_elsewhere(rewritten(pdf, _amount_in_file)), "refused", "FIIF"),
    "page added, then signed": (lambda pdf: signed(updated(pdf, _add_page)), "refused", "PPFP"),
    "page removed, then signed": (lambda pdf: signed(updated(pdf, _remove_page)), "refused", "PPFP"),
    "page rotated, then signed": (lambda pdf: signed(updated(pdf, _rotate)), "refused", "PPFP"),
    "attachment swapped, then signed": (lambda pdf: signed(updated(pdf, _swap_attachment)), "refused", "PPFP"),
    "script added, then signed": (lambda pdf: signed(updated(pdf, _javascript)), "refused", "PPFP"),
    "XFA form added, then signed": (lambda pdf: signed(updated(pdf, _xfa)), "refused", "PPFP"),
    "covered by an annotation, then signed": (lambda pdf: signed(updated(pdf, _cover)), "refused", "PPFP"),
    "another catalog": (lambda pdf: signed(updated(pdf, _other_catalog)), "refused", "PPFP"),
    "pages in another order, then signed": (lambda pdf: signed(updated(pdf, _reorder)), "refused", "PPFP"),
    "the chamber's field looks signed, then signed": (lambda pdf: signed(updated(pdf, _looks("kammer"))), "refused", "PPFP"),
    "the city's signature looks other, then signed": (lambda pdf: signed(updated(pdf, _looks("stadt"))), "refused", "PPFP"),
    "field moved over the amount, then signed": (lambda pdf: signed(updated(pdf, _move)), "refused", "PPFP"),
    "certification taken away, then signed": (lambda pdf: signed(updated(pdf, _uncertify)), "refused", "PPFP"),
    "the city's revision passed over": (revision_skipped, "refused", "?IF?"),
    "the city's revision passed over, then signed": (lambda pdf: signed_elsewhere(revision_skipped(pdf)), "refused", "PIFP"),
    "an object stream overridden, then signed": (lambda pdf: signed_elsewhere(object_stream_overridden(pdf)), "refused", "PPFP"),
    "hidden in a hybrid update, then signed": (lambda pdf: signed_elsewhere(hidden_in_a_hybrid(pdf)), "refused", "PPFP"),
    "an object said twice, then signed": (lambda pdf: signed_unaware(said_twice(pdf)), "refused", "F???"),
    "two pasts, then signed": (lambda pdf: signed_elsewhere(two_pasts(pdf, forged_first=False)), "refused", "F???"),
    "objects that point at each other, then signed": (lambda pdf: signed(updated(pdf, _tangle)), "refused", "PPFP"),
    "saved anew": (rewritten, "refused", "FIFI"),
    "saved anew, then signed": (lambda pdf: signed_elsewhere(rewritten(pdf)), "refused", "FIII"),
    "linearised": (lambda pdf: rewritten(signed(pdf), linearize=True), "refused", "FIFI"),
    "saved by an office suite as a hybrid file": (hybrid, "refused", "FIFI"),
}
AFTER: dict[str, tuple[Maker, str, str]] = {
    "amount changed after signing": (lambda pdf: updated(signed(pdf), _new_amount), "refused", "PPFP"),
    "page added after signing": (lambda pdf: updated(signed(pdf), _add_page), "refused", "PPFP"),
    "page removed after signing": (lambda pdf: updated(signed(pdf), _remove_page), "refused", "PPFP"),
    "page rotated after signing": (lambda pdf: updated(signed(pdf), _rotate), "refused", "PPFP"),
    "attachment swapped after signing": (lambda pdf: updated(signed(pdf), _swap_attachment), "refused", "PPFP"),
    "attachments dropped after signing": (lambda pdf: updated(signed(pdf), _drop_attachments), "refused", "PPFP"),
    "script added after signing": (lambda pdf: updated(signed(pdf), _javascript), "refused", "PPFP"),
    "XFA form added after signing": (lambda pdf: updated(signed(pdf), _xfa), "refused", "PPFP"),
    "shadow attack: hide": (lambda pdf: updated(signed(updated(pdf, _cover)), _uncover), "refused", "PPFP"),
    "shadow attack: hide with layers": (lambda pdf: updated(signed(updated(pdf, _hide_layer)), _show_layer), "refused", "PPFP"),
    "shadow attack: replace the font": (lambda pdf: updated(signed(pdf), _other_font), "refused", "PPFP"),
    "shadow attack: hide and replace": (two_pages_swapped, "refused", "PPFP"),
    "evil annotation": (lambda pdf: updated(signed(pdf), _cover), "refused", "PPFP"),
    "sneaky signature": (sneaky, "refused", "PIFP"),
    "incremental saving without a table": (objects_appended, "refused", "FIIP"),
    "incremental saving with a copied signature": (copied_signature, "refused", "FIIP"),
    "bytes after the end": (lambda pdf: signed(pdf) + b"x", "refused", "PPFP"),
    "another paper's metadata": (lambda pdf: updated(signed(pdf), _other_key), "refused", "PPFP"),
    "another catalog after signing": (lambda pdf: updated(signed(pdf), _other_catalog), "refused", "PPFP"),
    "pages in another order after signing": (lambda pdf: updated(signed(pdf), _reorder), "refused", "PPFP"),
    "a text field after signing": (lambda pdf: updated(signed(pdf), _text_field), "refused", "PPFP"),
    "the chamber's field looks signed": (lambda pdf: updated(signed(pdf), _looks("kammer")), "refused", "PPFP"),
    "the city's look overwritten in its place": (lambda pdf: updated(signed(pdf), _look_in_place), "refused", "PPFP"),
    "an object stream overridden": (lambda pdf: object_stream_overridden(signed(pdf)), "refused", "PPFP"),
    "hidden in a hybrid update": (lambda pdf: hidden_in_a_hybrid(signed(pdf)), "refused", "PPFP"),
    "an object said twice": (lambda pdf: said_twice(signed(pdf)), "refused", "F???"),
    "an object said twice, forged last": (lambda pdf: said_twice(signed(pdf), forged_first=False), "refused", "F???"),
    "an object said twice in a packed table": (lambda pdf: said_twice(signed(pdf), packed=True), "refused", "F???"),
    "two pasts": (lambda pdf: two_pasts(signed(pdf)), "refused", "F???"),
    "two pasts, forged last": (lambda pdf: two_pasts(signed(pdf), forged_first=False), "refused", "F???"),
    "two pasts, one in other letters": (lambda pdf: two_pasts(signed(pdf), b"/Pre#76", forged_first=False), "refused", "F???"),
    "an object in the gap": (object_in_the_gap, "refused", "F???"),
    "an object brought in later": (brought_in_later, "refused", "PPFP"),
    "a field seen in print alone": (seen_in_print_alone, "refused", "PIFP"),
    "changed after the countersignature": (after_the_countersignature, "refused", "P?FP"),
    "objects that point at each other": (lambda pdf: updated(signed(pdf), _tangle), "refused", "PPFP"),
    "fields that hold each other": (lambda pdf: updated(signed(pdf), _tangle_fields), "refused", "F???"),
    "three hundred revisions": (many_revisions, "refused", "F???"),
    "signature wrapping, moved": (wrapped, "refused", "F???"),
    "signature wrapping, in the padding": (wrapped_in_padding, "refused", "F???"),
    "universal forgery: no byte range": (forged(BYTE_RANGE, b""), "refused", "F???"),
    "universal forgery: byte range null": (forged(BYTE_RANGE, b"/ByteRange null"), "refused", "F???"),
    "universal forgery: byte range of nothing": (forged(BYTE_RANGE, b"/ByteRange [0 0 0 0]"), "refused", "F???"),
    "universal forgery: byte range negative": (forged(BYTE_RANGE, b"/ByteRange [0 -1 9 -1]"), "refused", "F???"),
    "universal forgery: byte range of the beginning": (forged(BYTE_RANGE, b"/ByteRange [0 900 0 0]"), "refused", "F???"),
    "universal forgery: no contents": (forged(CONTENTS, b""), "refused", "F???"),
    "universal forgery: contents null": (forged(CONTENTS, b"/Contents null"), "refused", "F???"),
    "universal forgery: contents empty": (forged(CONTENTS, b"/Contents <>"), "refused", "F???"),
    "universal forgery: contents zero": (forged(CONTENTS, b"/Contents <00>"), "refused", "F???"),
    "universal forgery: no filter": (forged(rb"/SubFilter\s*/ETSI\.CAdES\.detached", b""), "refused", "F???"),
    "a dictionary that is no signature": (unsigned_field, "refused", "F???"),
    "the city's signature broken": (lambda pdf: patched(signed(pdf), CONTENTS, b"/Contents <30>", last=False), "refused", "F???"),
    "truncated in the middle": (truncated(0.5), "refused", "F???"),
    "truncated at the end": (truncated(0.98), "refused", "F???"),
    "encrypted": (lambda pdf: rewritten(signed(pdf), encryption=pikepdf.Encryption(owner="o", user="u")), "unclear", "IIII"),
    "bomb in the metadata": (bomb_in_metadata, "refused", "PPFP"),
    "bomb of forms": (bomb_of_forms, "refused", "????"),
    "bomb of a page": (bomb_of_pages, "refused", "????"),
    "table of objects in a loop": (loop, "refused", "F???"),
}
SIGNERS: dict[str, tuple[Maker, str, str]] = {
    "not signed": (lambda pdf: pdf, "unclear", "PIPP"),
    "signed by a stranger": (lambda pdf: signed(pdf, key(issuer="Fremde Wurzel")), "to-confirm", "PIPP"),
    "self-signed": (lambda pdf: signed(pdf, key(issuer="")), "to-confirm", "PIPP"),
    "trusted, but nobody of the partner's": (lambda pdf: signed(pdf, key("Otto Ohne", "")), "to-confirm", "PIPP"),
    "by another partner": (lambda pdf: signed(pdf, key("Hanna Hafen", OTHER)), "refused", "PFPP"),
    "expired at signing": (lambda pdf: signed(pdf, key(since=NOW - 3 * YEAR, until=NOW - YEAR)), "refused", "PFPP"),
    "not yet valid at signing": (lambda pdf: signed(pdf, key(since=NOW + YEAR / 2)), "refused", "PFPP"),
    "expired since, without a stamp": (lambda pdf: signed(pdf, key(since=NOW - YEAR, until=NOW - YEAR / 365 / 24)), "to-confirm", "PIPP"),
    "revoked": (revoked, "refused", "PFPP"),
    "made for another purpose": (lambda pdf: signed(pdf, key(usage=("key_encipherment",))), "to-confirm", "PIPP"),
    "dated ahead": (lambda pdf: signed(pdf, at=NOW + YEAR / 4), "to-confirm", "PIPP"),
    "a name of ours with another partner's organisation": (lambda pdf: signed(pdf, key("Mia Muster", OTHER)), "to-confirm", "PIPP"),
    "by a program that writes beside the rules": (written_as_a_hybrid, "unclear", "PPIP"),
    "with MD5": (weak("md5"), "unclear", "IIPP"),
    "with SHA-1": (weak("sha1"), "unclear", "IIPP"),
    "with 1024 bits": (weak("sha256", 1024), "unclear", "IIPP"),
    "in the city's place": (twice, "refused", "PFPP"),
    "in a field of its own": (added_field, "refused", "PIFP"),
    "in an invisible field of its own": (lambda pdf: added_field(pdf, box=(0, 0, 0, 0)), "to-confirm", "PIPP"),
}


def _amount_in_file(document: pikepdf.Pdf) -> None:
    document.pages[1].Contents = document.make_stream(OTHER_TEXT)
