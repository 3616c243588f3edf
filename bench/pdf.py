"""What the way from Word to an archive-proof PDF costs: memorandum and letter, beside the peers.

    python -m bench.pdf [--documents 200] [--long] [--pages 1000]

Measured is processor time, so that a busy machine does not blur it, and the wall clock beside it. Every way gets the same Word
files and the same two cores: ours two processes, LibreOffice two batches at once, each with half of the files and a profile of its
own. LibreOffice is asked for the same standards (PDF/A-3, PDF/UA). Typst sets the same text without standards: the reference of a
compiled typesetter. WeasyPrint's own layout time is that of the same pages, laid out by WeasyPrint as it comes: its own sheet for
HTML's elements, its collector of rubbish at work. That layout alone is the floor of every way that goes through WeasyPrint.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import pikepdf
import weasyprint

from pipeline.cli.desk import Desk
from pipeline.papers.draft import Draft
from pipeline.pdf import render
from pipeline.pdf.html.convert import convert
from pipeline.pdf.render import to_pdf
from pipeline.pdf.style import BASE, Style
from pipeline.records import Provenance, SignatureLine
from pipeline.word.template import Template

ROOT = Path(__file__).parent.parent
CORES, ROUNDS = 2, 5
OFFICE, LAYOUT, LETTER, MEMORY = 3.0, 1.8, 60_000, 250      # the goals of issue 5: times, times, bytes, MB
FILTER = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"3"},"PDFUACompliance":{"type":"boolean","value":"true"}}'
Job = tuple[Path, Path, tuple[SignatureLine, ...], Provenance]


def style() -> Style:
    """The house style."""
    return Style.open(ROOT / "templates" / "style.css")


def words(kind: str, count: int, folder: Path) -> list[Job]:
    """Word files of one kind, those of the example again and again, each with a key of its own."""
    drafts: list[Draft] = [draft for draft in Desk(folder=ROOT, date=None, quiet=True).drafts if draft.kind == kind]
    template = Template.open(ROOT / "templates" / f"{kind}.docx")
    jobs = []
    for number in range(count):
        draft = drafts[number % len(drafts)]
        origin = Provenance(key=f"{kind}/{number}", revision=1, fingerprint="0" * 64, template="0" * 64, tool="bench")
        path = folder / f"{kind}-{number}.docx"
        path.write_bytes(template.render(draft.context, title=draft.subject, date=draft.date, provenance=origin))
        jobs.append((path, path.with_suffix(".ours.pdf"), draft.signatures, origin))
    return jobs


def make(job: Job) -> None:
    """One PDF on disk, Word bytes to the end."""
    source, target, signatures, origin = job
    target.write_bytes(to_pdf(source.read_bytes(), style=style(), signatures=signatures, provenance=origin))


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall seconds of some work, its processes included."""
    def used() -> float:
        return sum(part.ru_utime + part.ru_stime for part in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    before, began = used(), time.perf_counter()
    work()
    return used() - before, time.perf_counter() - began


def ours(jobs: Sequence[Job]) -> tuple[float, float]:
    """Two processes, started for it."""
    def run() -> None:
        with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
            list(pool.map(make, jobs, chunksize=5))
    return spent(run)


def office(jobs: Sequence[Job], folder: Path) -> tuple[float, float] | None:
    """LibreOffice's batch of the same files; None where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        return None
    calls = [[program, f"-env:UserInstallation={(folder / f'profile-{core}').as_uri()}", "--headless", "--convert-to", FILTER,
              "--outdir", str(folder / "office")] for core in range(CORES)]
    for call in calls:
        subprocess.run([*call, str(jobs[0][0])], check=True, capture_output=True)      # the first start makes its profile

    def run() -> None:
        started = [subprocess.Popen([*call, *(str(job[0]) for job in jobs[core::CORES])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for core, call in enumerate(calls)]
        if any(process.wait() for process in started):
            raise SystemExit("LibreOffice refused a file")
    return spent(run)


def typst(jobs: Sequence[Job], folder: Path) -> float | None:
    """Processor seconds a paper of Typst on the same paragraphs; None where it is not installed."""
    try:
        import typst as compiled
    except ImportError:
        return None
    html = convert(jobs[0][0].read_bytes()).root
    text = "\n\n".join("".join(item.itertext()).strip() for item in html[1].iter() if item.tag in ("p", "h1", "h2", "h3", "li"))
    for sign in "\\#$*_`<>@=-+/~\"'":
        text = text.replace(sign, f"\\{sign}")
    source = folder / "paper.typ"
    source.write_text(f'#set text(font: "Liberation Sans", lang: "de", size: 10.5pt)\n{text}', "utf-8")
    return spent(lambda: [compiled.compile(str(source)) for _ in range(ROUNDS)])[0] / ROUNDS


class AsItComes(render.Page):
    """A page that WeasyPrint lays out by its own sheet for HTML's elements."""

    _ua_stylesheets = weasyprint.HTML._ua_stylesheets


def parts(job: Job) -> tuple[float, float]:
    """Milliseconds of one paper: the whole way, and WeasyPrint's own layout of the same pages; the two take turns."""
    source = job[0].read_bytes()

    def layout() -> None:
        markup = convert(source)
        sheets = [render.sheet(css) for css in (BASE, markup.styles, style().css, markup.direct) if css]
        page = AsItComes(markup.root, render.Fetcher(markup.pictures))
        began = time.process_time()
        page.render(font_config=render.fonts(), stylesheets=sheets, pdf_variant="pdf/a-3a")
        took.append((time.process_time() - began) * 1000)
    whole: list[float] = []
    took: list[float] = []
    to_pdf(source, style=style(), signatures=job[2], provenance=job[3])
    for _ in range(ROUNDS):
        began = time.process_time()
        to_pdf(source, style=style(), signatures=job[2], provenance=job[3])
        whole.append((time.process_time() - began) * 1000)
        layout()
    return median(whole), median(took)


def growth(jobs: Sequence[Job], count: int) -> int:
    """Peak memory in MB of one process that made so many papers."""
    sources = [str(job[0]) for job in jobs]
    code = ("import sys; from pathlib import Path; from pipeline.pdf.render import to_pdf; from pipeline.pdf.style import Style\n"
            f"style = Style.open(Path({str(ROOT / 'templates' / 'style.css')!r})); sources = [Path(name).read_bytes() for name in sys.argv[1:]]\n"
            f"for number in range({count}): to_pdf(sources[number % len(sources)], style=style)\n"
            "print(next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM')) // 1024)")
    return int(subprocess.run([sys.executable, "-c", code, *sources], cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def pages(count: int) -> float:
    """Processor seconds of a document of about so many pages."""
    import io

    import docx
    document = docx.Document()
    for number in range(round(count * 0.92)):
        document.add_heading(f"Kapitel {number}", 1)
        for _ in range(8):
            document.add_paragraph("Die Allianz verfolgt das Ziel der gemeinsamen Zusammenarbeit in der Stadt und darüber hinaus. " * 4)
    file = io.BytesIO()
    document.save(file)
    return spent(lambda: to_pdf(file.getvalue()))[0]


def sheets(job: Job) -> int:
    """How many pages a paper has."""
    with pikepdf.open(job[1]) as document:
        return len(document.pages)


def weigh(kind: str, count: int, folder: Path) -> list[tuple[str, bool]]:
    """One kind of paper, all ways; prints its lines and returns what was promised and whether it holds."""
    jobs = words(kind, count, folder)
    cpu, wall = ours(jobs)
    whole, layout = parts(jobs[0])
    print(f"{kind}, {count} papers, the first of {sheets(jobs[0])} pages")
    print(f"  gremium          {cpu / count * 1000:7.1f} ms processor, {wall / count * 1000:7.1f} ms wall a paper")
    print(f"  in one process   {whole:7.1f} ms processor a paper, of which WeasyPrint's layout alone, as it comes, is {layout:.1f} ms")
    held = [(f"{kind}: the whole way at most {LAYOUT} times WeasyPrint's layout ({whole:.0f} of {layout:.0f} ms: {whole / layout:.2f})",
             whole <= LAYOUT * layout)]
    if beside := office(jobs, folder):
        print(f"  LibreOffice      {beside[0] / count * 1000:7.1f} ms processor, {beside[1] / count * 1000:7.1f} ms wall a paper")
        held.append((f"{kind}: at least {OFFICE:.0f} times LibreOffice's batch on {CORES} cores ({beside[1] / wall:.1f} times by the clock)",
                     beside[1] >= OFFICE * wall))
    if (compiled := typst(jobs, folder)) is not None:
        print(f"  Typst, same text {compiled * 1000:7.1f} ms processor a paper")
    return held


def main() -> int:
    """Prints the figures and the goals; 1 where one of these is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--long", action="store_true", help="5,000 papers in one process, for its memory; 500 otherwise")
    parser.add_argument("--pages", type=int, default=1000)
    asked = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held = [line for kind in ("memorandum", "invitation") for line in weigh(kind, asked.documents, folder)]
        letters = words("invitation", 20, folder)
        letter = letters[0]
        bare = len(to_pdf(letter[0].read_bytes(), style=style())) - letter[0].stat().st_size
        held.append((f"a letter without its attachments at most {LETTER // 1000} kB ({bare / 1000:.0f} kB)", bare <= LETTER))
        many = 5000 if asked.long else 500
        early, peak = growth(letters, many // 10), growth(letters, many)
        held.append((f"memory of a process below {MEMORY} MB over {many:,} papers ({peak} MB; {early} MB after a tenth)", peak < MEMORY))
    short, middle, long = pages(asked.pages // 10), pages(asked.pages * 3 // 10), pages(asked.pages)
    print(f"{asked.pages // 10}, {asked.pages * 3 // 10} and {asked.pages} pages: {short:.1f}, {middle:.1f} and {long:.1f} s processor")
    held.append((f"{asked.pages} pages cost at most 12 times {asked.pages // 10} ({long:.0f} s: {long / short:.1f} times)", long <= 12 * short))
    for goal, kept in held:
        print(f"{'kept  ' if kept else 'MISSED'}  {goal}")
    return 0 if all(kept for _, kept in held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
