"""docx-mailmerge2 in a process and an environment of its own, asked as `word_peers.cjs` is: [first, count, file] on a line.

    bench/work/venv/bin/python bench/word_mailmerge.py TEMPLATE FIELDS
"""

import io
import json
import sys
import time
from pathlib import Path

from mailmerge import MailMerge

template, fields = sys.argv[1:]
given = json.loads(Path(fields).read_text("utf-8"))
for line in sys.stdin:
    first, count, name = json.loads(line)
    start = time.process_time()
    for number in range(first, first + count):
        made = io.BytesIO()
        with MailMerge(template) as document:
            document.merge(**given[number % len(given)])
            document.write(made)
    milliseconds = (time.process_time() - start) * 1000 / count
    if name:
        Path(name).write_bytes(made.getvalue())
    print(milliseconds, flush=True)
