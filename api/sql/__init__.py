"""The questions that the API puts to a snapshot, one in a file."""
