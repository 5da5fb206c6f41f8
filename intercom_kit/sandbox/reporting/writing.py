"""The file of a report: CSV in the workspace's words, with names in columns of ids, in one of several dresses."""

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit.sandbox.reporting.datasets import Attribute
from intercom_kit.sandbox.reporting.rows import Row

NOBODY = "Unassigned"
BOM = b"\xef\xbb\xbf"
PORTUGUESE = {
    "Hit": "Cumprido",
    "Missed": "Perdido",
    "First response time": "Tempo de primeira resposta",
    "Reply": "Responder",
    "Close": "Fechar",
    "Assign": "Atribuir",
    "Note": "Nota",
    "Reopen": "Reabrir",
    "Confirmed resolution": "Resolução confirmada",
    "Assumed resolution": "Resolução presumida",
    "Escalated": "Encaminhado",
    "Negative feedback": "Avaliação negativa",
    "Procedure handoff": "Transferido",
    "Open": "Aberta",
    "Closed": "Fechada",
    "Snoozed": "Adiada",
    "Resolved": "Resolvido",
    NOBODY: "Não atribuído",
}


@dataclass(frozen=True)
class Style:
    """How a workspace writes its reports.

    All of it is UNCONFIRMED [report-zone], UNCONFIRMED [report-words], UNCONFIRMED [report-dress] and
    UNCONFIRMED [report-header].
    """

    zone: ZoneInfo
    words: str
    dress: str
    header: str
    names: Mapping[str, str]  # of teammates and teams, by id

    def written(self, attributes: Sequence[Attribute], rows: Iterable[Row]) -> bytes:
        """Return the file of some rows, with one column per attribute, in that order."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([each.qualified_id if self.header == "qualified" else each.id for each in attributes])
        for row in rows:
            writer.writerow([self._cell(each, row) for each in attributes])
        data = text.getvalue().encode()
        return gzip.compress(data, mtime=0) if self.dress == "gzip" else BOM * (self.dress == "bom") + data

    def _cell(self, attribute: Attribute, row: Row) -> Any:
        value = row.get(attribute.qualified_id, row.get(attribute.id.removesuffix("_raw_id")))
        if attribute.kind in ("team", "teammate"):
            return self._word(NOBODY) if value is None else self.names.get(str(value), str(value))
        if value is None or value == "":
            return ""
        if attribute.kind == "instant":
            return datetime.fromtimestamp(value, self.zone).strftime("%Y-%m-%d %H:%M:%S")
        if attribute.kind == "word":
            return ", ".join(map(self._word, str(value).split(", ")))
        return value

    def _word(self, word: str) -> str:
        return PORTUGUESE.get(word, word) if self.words == "portuguese" else word
