"""Declarations of the tables of the help center."""

from intercom_kit.tables.help_center.articles import ARTICLE_STATISTICS, ARTICLES, COLLECTIONS

__all__ = ["ARTICLES", "ARTICLE_STATISTICS", "COLLECTIONS"]
