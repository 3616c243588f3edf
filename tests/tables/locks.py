"""Real workbooks that only open with the password "geheim".

`protected/topics.xlsx` was encrypted with msoffcrypto-tool 6.1 (agile encryption, as Excel's). `topics.xls` (RC4) and `topics.ods`
(AES-256) were written by LibreOffice 7.4 and opened there again with the password: through python3-uno, `soffice --headless
--accept="pipe,name=locks;urp;"`, then `storeToURL(url, (FilterName, Password))` with the filters "MS Excel 97" and "calc8".
"""

from pathlib import Path

PROTECTED = Path(__file__).parent / "protected"
