"""Any sentence-transformers or transformers model, from a directory or a model hub. Needs PyTorch, which only the inference
process loads (``requirements-models.txt``)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nlu.encode import checks
from nlu.encode.buckets import ITEMS
from nlu.encode.ports import Matrix, ModelUnavailable, Vector

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from torch import nn

LONGEST = 128
"""Tokens of a text, or of a pair, unless the model takes fewer."""


class HubEncoder:
    """An :class:`nlu.encode.ports.Encoder`. A directory without pooling of its own gets the mean of its tokens."""

    def __init__(self, model: SentenceTransformer, prefix: str) -> None:
        self._model = model
        self._prefix = prefix
        self._dims = int(model.get_embedding_dimension() or 0)
        self._fingerprint = _fingerprint(model, _tokenizer(model), prefix, str(model), str(model.max_seq_length))

    @classmethod
    def load(cls, name: str, *, prefix: str = "", longest: int = LONGEST) -> HubEncoder:
        """``prefix`` stands before every text, for models that were trained with one (E5: ``"query: "``).

        Raises:
            ModelUnavailable: PyTorch is missing, or the name leads to no model that can be loaded.
        """
        try:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(name)
        except ImportError as error:
            raise _no_libraries(error) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(f"the encoder {name!r} cannot be loaded: {error}") from error
        model.max_seq_length = min(longest, model.max_seq_length or longest)
        return cls(model.eval(), prefix)

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dims(self) -> int:
        return self._dims

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        clean = [self._prefix + checks.readable(text) for text in texts]
        rows = self._model.encode(clean, batch_size=ITEMS, convert_to_numpy=True, show_progress_bar=False)
        return checks.unit_rows(rows.reshape(len(clean), self._dims), len(clean), self._dims)


class HubReranker:
    """An :class:`nlu.encode.ports.Reranker` over a cross-encoder with one output."""

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model
        self._fingerprint = _fingerprint(model, _tokenizer(model), str(model.max_seq_length))

    @classmethod
    def load(cls, name: str, *, longest: int = LONGEST) -> HubReranker:
        """
        Raises:
            ModelUnavailable: PyTorch is missing, or the name leads to no cross-encoder that can be loaded.
        """
        try:
            from sentence_transformers import CrossEncoder

            model = CrossEncoder(name, max_length=longest)
        except ImportError as error:
            raise _no_libraries(error) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(f"the reranker {name!r} cannot be loaded: {error}") from error
        kinds = model.config.architectures or []
        if model.config.num_labels != 1 or not any("SequenceClassification" in kind for kind in kinds):
            # The library would put an untrained head on any model, and its scores would be noise.
            raise ModelUnavailable(f"{name!r} is no cross-encoder with one output (its kind: {', '.join(kinds)})")
        return cls(model.eval())

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        import torch

        pairs = [(checks.readable(query), checks.readable(text)) for text in texts]
        rows = self._model.predict(
            pairs, batch_size=ITEMS, activation_fn=torch.nn.Identity(), convert_to_numpy=True, show_progress_bar=False
        )
        return checks.logits(rows, len(pairs))


def _no_libraries(error: ImportError) -> ModelUnavailable:
    return ModelUnavailable(f"hub models need the packages of requirements-models.txt ({error})")


def _tokenizer(model: Any) -> str:
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    return str(backend.to_str()) if backend is not None else repr(model.tokenizer)


def _fingerprint(model: nn.Module, *settings: str) -> str:
    """Of what was loaded, not of its name: a hub name may stand for other weights tomorrow."""
    import torch

    digest = hashlib.sha256("\0".join(settings).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:16]
