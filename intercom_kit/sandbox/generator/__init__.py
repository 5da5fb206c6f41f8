"""Invent a believable B2B software company and everything its Intercom workspace would hold."""
