"""The task bot: commands from what a customer writes, and an engine that runs a business's flows on them."""
