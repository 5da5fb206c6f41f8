"""The verb for articles, with their statistics on request."""

from collections import Counter

from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.tables import ARTICLE_STATISTICS, ARTICLES
from intercom_kit.verbs.lists import listed


def articles(session: Session, limit: int | None, statistics: bool) -> Frame:
    """Return articles, the last changed first, with the statistics of each if they are wanted."""
    frame = listed(session, ARTICLES, limit)
    return with_statistics(session, frame) if statistics else frame


def with_statistics(session: Session, frame: Frame) -> Frame:
    """Return a frame of articles with the statistics of each, fetched article by article."""
    key, receipt = ARTICLE_STATISTICS.every_key, receipt_of(frame)
    found = session.fetch(ARTICLE_STATISTICS, by_key(ARTICLE_STATISTICS, key, list(frame["id"].dropna())))
    told = receipt_of(found)
    receipt.add(told)
    receipt.notes += told.notes
    receipt.misfits = dict(Counter(receipt.misfits) + Counter(told.misfits))
    by_article = found.drop_duplicates(key.column).set_index(key.column).reindex(frame["id"])
    for name in ARTICLES.included:
        frame[name] = by_article[name].array
    return with_receipt(frame, receipt)
