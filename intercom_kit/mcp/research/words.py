"""The words of a question that are worth searching for."""

import re

MOST_WORDS = 4
_SHORTEST = 3

# Words of questions and of any message, which would find everything.
_COMMON = """
about after all also and any are asked ask been before but can company companies contact contacts conversation
conversations customer customers did does find for from get had has have how intercom last latest list many
message messages month most not our people recent said say show since tell than that the their them there these
they this ticket tickets user users was week were what when where which who why with you your
"""
_COMMON_WORDS = frozenset(_COMMON.split())


def worth_searching(question: str) -> list[str]:
    """Return the words that tell a question from others, the longest first, without a plural's ending.

    Intercom finds parts of words, so that a word without its ending finds those with one.
    """
    words = [word.rstrip("@.+-") for word in re.findall(r"[\w@.+-]+", question.casefold())]
    telling = dict.fromkeys(_singular(word) for word in words if len(word) >= _SHORTEST and word not in _COMMON_WORDS)
    return sorted(telling, key=len, reverse=True)[:MOST_WORDS]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST + 1 and word.endswith("s") and not word.endswith("ss") else word
