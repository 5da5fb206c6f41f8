"""The column `attr` of queries: the attributes that the workspace defined, each of its type, without JSON."""
