"""The message path under load: a bot made for it, a server of its own, visitors, and what they measured."""
