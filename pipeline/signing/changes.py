"""What may be added to a paper that was issued: signatures and filled-in fields, nothing else.

pyHanko compares the revisions of a file. Two things it does not know of: in a tagged PDF the tag tree points at each
field as well, and the paper as built has a revision of its own before the signature that certifies it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyhanko.pdf_utils.generic import DictionaryObject, Reference
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import ACROFORM_EXEMPT_STRICT_COMPARISON, ROOT_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.diff_analysis.rules_api import Context


class _TagTree(WhitelistRule):
    """The tag tree may go on pointing at a field that was filled in; whether the field may change, other rules say."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        old._load_reverse_xref_cache()  # type: ignore[no-untyped-call]  # pyHanko annotates in parts
        for reference in new.explicit_refs_in_revision():  # type: ignore[no-untyped-call]
            for usage in old._get_usages_of_ref(reference):
                if usage.path[:2] == ("/Root", "/StructTreeRoot") and usage.path[-1] == "/Obj" and _is_widget(old, reference):
                    yield ReferenceUpdate(reference, context_checked=Context.from_absolute(old, usage))


def _is_widget(revision: HistoricalResolver, reference: Reference) -> bool:
    annotation = revision(reference)
    return isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/Widget"


def _policy(catalog: Iterable[str] = (), form: Iterable[str] = ()) -> StandardDiffPolicy:
    """The library's own rules (DEFAULT_DIFF_POLICY), ours for the tag tree, and entries that may change beside those it names."""
    root = CatalogModificationRule(ROOT_EXEMPT_STRICT_COMPARISON.union(catalog))  # type: ignore[no-untyped-call]
    fields = [SigFieldCreationRule(), SigFieldModificationRule(), GenericFieldModificationRule()]  # type: ignore[no-untyped-call]
    metadata = MetadataUpdateRule()  # type: ignore[no-untyped-call]
    upkeep = (DocInfoRule(), XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), metadata, _TagTree())
    return StandardDiffPolicy(
        global_rules=[root, *(rule.as_qualified(ModificationLevel.LTA_UPDATES) for rule in upkeep)],
        form_rule=FormUpdatingRule(fields, ACROFORM_EXEMPT_STRICT_COMPARISON.union(form)),
    )


AFTER_SIGNING = _policy()
# the first signature enters itself as the one that certifies, and says that there are signatures now (ISO 32000-1, 12.7.2, 12.8.4)
FIRST_SIGNATURE = _policy(catalog=["/Perms"], form=["/SigFlags"])


def only_added(reader: PdfFileReader, since: int, until: int) -> bool:
    """Whether in the revisions from `since` to `until`, counted from 0, nothing was done but filling in and signing.

    A signature vouches for the bytes it covers; that they still are the built paper's is another question.
    """
    rules = AFTER_SIGNING if any(signature.signed_revision < since for signature in reader.embedded_regular_signatures) else FIRST_SIGNATURE
    try:
        before = reader.get_historical_resolver(since - 1)
        levels = [rules.apply(before, reader.get_historical_resolver(revision)).modification_level for revision in range(since, until + 1)]
    except (SuspiciousModification, PdfReadError, KeyError):    # or a history that cannot be read, as in linearised files
        return False
    return all(level.value <= ModificationLevel.FORM_FILLING.value for level in levels)
