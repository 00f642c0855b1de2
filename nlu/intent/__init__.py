"""What a message wants: its intent and the slots it names, learned from examples."""
