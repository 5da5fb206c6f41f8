"""Texts that customers wrote, as an assistant may read them: what people see of them, without where links lead."""
