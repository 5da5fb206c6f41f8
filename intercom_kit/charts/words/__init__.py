"""What charts say: names as Intercom's inbox spells them, and what stands out."""
