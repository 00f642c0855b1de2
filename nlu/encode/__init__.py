"""Texts to vectors, and pairs of texts to scores: one interface each, whatever stands behind it."""

from nlu.encode.ports import Encoder, Matrix, ModelUnavailable, Reranker, Vector

__all__ = ["Encoder", "Matrix", "ModelUnavailable", "Reranker", "Vector"]
