"""The KB-bot: answers from published entries."""
