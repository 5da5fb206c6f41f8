"""Intercom's search: queries from filters and SQL predicates, parallel reading in spans, and learnt behaviours."""
