"""Workbooks with a password.

`protected/topics.xlsx` was encrypted with msoffcrypto-tool 6.1 (agile encryption, as Excel's, password "geheim"),
`protected/topics.xls` was written by LibreOffice and given the record that asks for a password; .ods is encrypted here
as ODF 1.2, part 3, chapter 3 says.
"""

import base64
import hashlib
import io
import zipfile
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

PROTECTED = Path(__file__).parent / "protected"
_FILE = """<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" manifest:size="{size}">
<manifest:encryption-data manifest:checksum-type="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k" manifest:checksum="{sum}">
<manifest:algorithm manifest:algorithm-name="http://www.w3.org/2001/04/xmlenc#aes256-cbc" manifest:initialisation-vector="{start}"/>
<manifest:key-derivation manifest:key-derivation-name="PBKDF2" manifest:key-size="32" manifest:iteration-count="1024" manifest:salt="{salt}"/>
<manifest:start-key-generation manifest:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256" manifest:key-size="32"/>
</manifest:encryption-data></manifest:file-entry>"""


def locked_ods(data: bytes, password: str = "geheim") -> bytes:
    """An .ods file, its content encrypted."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    content = parts["content.xml"]
    squeezer = zlib.compressobj(wbits=-15)
    squeezed = squeezer.compress(content) + squeezer.flush()
    start, salt = b"\1" * 16, b"\2" * 16
    key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(password.encode()).digest(), salt, 1024, 32)
    cipher = Cipher(AES(key), CBC(start)).encryptor()
    parts["content.xml"] = cipher.update(squeezed + bytes(-len(squeezed) % 16)) + cipher.finalize()
    entry = _FILE.format(size=len(content), sum=_text(hashlib.sha256(squeezed[:1024]).digest()), start=_text(start), salt=_text(salt))
    parts["META-INF/manifest.xml"] = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        f"{entry}</manifest:manifest>").encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return made.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
