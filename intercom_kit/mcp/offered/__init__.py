"""What a server offers: groups of tools, and the instructions, prompts and resources that go with them."""
