"""What is known of a workspace about Intercom's disputed behaviours, as a frame."""

import pandas as pd

from intercom_kit.api.behaviours import Findings, registry


def status_frame(findings: Findings) -> pd.DataFrame:
    """Return one row per behaviour and kind of object, found or not."""
    found = {(name, kind): finding for name, kind, finding in findings.items()}
    rows = []
    for behaviour in registry().values():
        for kind in behaviour.objects or ("",):
            finding = found.get((behaviour.name, kind))
            rows.append(
                {
                    "behaviour": behaviour.name,
                    "object": kind,
                    "found": finding.choice if finding else None,
                    "at": finding.at if finding else None,
                    "documented": behaviour.said("documented", kind),
                    "measured": behaviour.said("measured", kind),
                    "matters": behaviour.matters,
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"found": "str", "at": "datetime64[us]"})
