"""Sentences written for people who write Python, as an assistant can use them: with its tools, and JSON's words."""

import re

from intercom_kit.mcp.declaring import TOOL_OF_VERB

# Whole remedies that are of no use to an assistant, or that it has otherwise.
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"Where a request for each .* allows it\.", ""),
    (r"ws\.company_contacts\(ws\.company\(name=(.*?)\)\) lists them", r"intercom_list_companies(name=\1) finds its id"),
    (r"ws\.schema\(([^()]+)\)", r"intercom_describe(table=\1)"),
    (r"ws\.sql\((.*)\) does", r"intercom_query(sql=\1) does"),
    (r"export them, as in ws\.export\(.*\)\. It has", "the user can add them by `intercom-kit export`. It has"),
    (r"`intercom-kit export` or ws\.export\(.*?\)", "`intercom-kit export`"),
    (r"ws\.export\(.*?\)(?= (?:brings|writes)|[.:,])", "`intercom-kit export`"),
    (r"INTERCOM_PROFILE or connect\(profile=…\)", "INTERCOM_PROFILE or `intercom-kit mcp --profile`"),
    (r"`base_url` or `region`", "INTERCOM_BASE_URL and INTERCOM_REGION"),
    (r"`base_url`", "INTERCOM_BASE_URL"),
    (r", or allow more, as in (?:connect|ik\.open)\(.*?\)(?=[.]|$)", ""),
    (r"ConnectPanel\(\) or connect\(token=…\)", "by a token in INTERCOM_ACCESS_TOKEN"),
    (r" or (?:with )?ConnectPanel\(\)(?: in a notebook)?", ""),
    (r", or call intercom_kit\.connect\(token=…\); intercom_kit\.demo\(\) needs no account", ""),
    (r"Connect again with intercom_kit\.connect\(\)", "Call again, which connects anew"),
    (r"connect with region=\"(\w+)\"", r"the user sets INTERCOM_REGION=\1"),
    (r"hours=ik\.OfficeHours\(.*?\), or the same as text, ('.*?')", r"filters={'hours': \1}"),
    (r"give the name or id of one as hours=", "give the name or id of one in filters, as {'hours': …}"),
    (r"uses hours= with", "uses the filter hours with"),
    (r"keep a frame to see what changes", "note the numbers to see later what changes"),
    (r"filter the frame(?: by (?:them|it|the other))?", "compare in intercom_query instead"),
    (r"fetch without it, and compare", "leave it out, and compare"),
    (r"a frame such as contacts\(limit=9\)", "join events to contacts in intercom_query"),
    (r"in the frame: give (?:a frame of contacts\(\)|ids from that column)(?:, or external ids)?", "there: give ids"),
    (r"(?:leave|leaving) them out with \.dropna\(subset=\[.*?\]\), or use", "use"),
    (r"(?:longer|ran longer) than timeout=(\S+) seconds", r"longer than \1 seconds"),
    (r"(cannot say what is behind its \w+: [^.]+)", r"\1: list rows with intercom_query instead"),
    (r", or None for (?:everything|no limit)", ""),
    (r"as int\(moment\.timestamp\(\)\)", "such as 1795377600"),
    (r"pandas cannot hold", "JSON cannot hold"),
    (r"or take the newest, as with limit=500", "or count and group with intercom_query"),
    (r"limit=None for all of them", "a span for all of them"),
    (r": plan\(\) shows what a query needs", ""),
    (r"ik\.open\(folder\)", "intercom-kit mcp --lake"),
    (r"lake\.schema\(\)|ws\.schema\(\)|(?<![\w.])schema\(\)", "intercom_describe"),
)
_WORDS = {"True": "true", "False": "false", "None": "null", "text, a number, true, false or null": "any plain value"}
_CALL = re.compile(r"(?<![\w'\"`.])(?:ws\.|lake\.|intercom_kit\.)?(\w+)\(((?:[a-z_]+=[^()]*|id)?)\)")
_BARE = re.compile(r"\b(?:ws|lake)\.(\w+)\b(?!\()")


def in_tools(sentence: str) -> str:
    """Return a sentence with tools in place of verbs, and without Python's words."""
    for pattern, instead in _PHRASES:
        sentence = re.sub(pattern, instead, sentence)
    sentence = _BARE.sub(lambda found: TOOL_OF_VERB.get(found[1], found[1]), _CALL.sub(_called, sentence))
    return re.sub(r"\b(True|False|None)\b", lambda found: _WORDS[found[1]], sentence).strip().rstrip(".")


def _called(found: re.Match[str]) -> str:
    """Return a verb's tool, with its arguments unless these are of no use; what is no verb, such as now(), stays."""
    tool = TOOL_OF_VERB.get(found[1])
    if tool is None:
        return found[0]
    return f"{tool}({found[2]})" if "=" in found[2] and tool.startswith("intercom_") and " " not in tool else tool
