"""Typed values in customers' messages: times, numbers, amounts, phones, codes, places, answers. See ``extract``."""
