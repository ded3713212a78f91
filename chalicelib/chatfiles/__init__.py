"""Files that hold chats: SillyTavern's JSONL in and out, and plain text."""
