"""Files that frames are written to, with their receipts beside."""
