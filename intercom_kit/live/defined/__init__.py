"""What a workspace defines for itself: the attributes of its contacts, companies, conversations and tickets."""
