"""A BERT of a transformers directory in PyTorch: loading, batching by length, pooling. Training only; serving uses ONNX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlu.training.base import PREFIX

_CHUNK_TOKENS = 1600
"""Padded tokens of one forward pass; short texts share a pass, and long ones do not pad them."""


def load_model(folder: Path, attention: str = "sdpa") -> nn.Module:
    """The encoder without a pooling layer, in training mode, dropout off: runs here are short, and it would only slow them."""
    from transformers import BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    model: nn.Module = BertModel.from_pretrained(
        folder,
        add_pooling_layer=False,
        attn_implementation=attention,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return model.train()


def load_cross_encoder(folder: Path, attention: str = "sdpa") -> nn.Module:
    """A BERT with one logit a pair; what the folder lacks of it (an encoder has no head) starts at random."""
    from transformers import BertForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    model: nn.Module = BertForSequenceClassification.from_pretrained(
        folder,
        num_labels=1,
        attn_implementation=attention,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return model.train()


def load_tokenizer(folder: Path, longest: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(longest)
    tokenizer.no_padding()
    return tokenizer


def chunks(lengths: Sequence[int], tokens: int = _CHUNK_TOKENS) -> Iterator[list[int]]:
    """Places of texts of similar length, ``tokens`` padded tokens together."""
    order = sorted(range(len(lengths)), key=lambda place: lengths[place])
    chunk: list[int] = []
    for place in order:
        if chunk and (len(chunk) + 1) * lengths[place] > tokens:
            yield chunk
            chunk = []
        chunk.append(place)
    if chunk:
        yield chunk


def pad(ids: Sequence[Sequence[int]], filler: int) -> tuple[Tensor, Tensor]:
    """Token ids (n, longest) with their mask."""
    longest = max(map(len, ids))
    padded = torch.full((len(ids), longest), filler, dtype=torch.long)
    mask = torch.zeros((len(ids), longest), dtype=torch.long)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return padded, mask


def embed(model: nn.Module, tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """Unit vectors (n, hidden) in the order of the texts: mean of the last layer's tokens, with the base's prefix."""
    encoded = tokenizer.encode_batch([PREFIX + text for text in texts])
    ids = [item.ids for item in encoded]
    parts, places = [], []
    for chunk in chunks([len(tokens) for tokens in ids]):
        padded, mask = pad([ids[place] for place in chunk], filler(model))
        hidden = model(padded, attention_mask=mask).last_hidden_state
        shown = mask.unsqueeze(-1).to(hidden.dtype)
        parts.append((hidden * shown).sum(1) / shown.sum(1))
        places.extend(chunk)
    back = torch.empty(len(places), dtype=torch.long)
    back[torch.tensor(places)] = torch.arange(len(places))
    return nn.functional.normalize(torch.cat(parts)[back], dim=-1)


def filler(model: nn.Module) -> int:
    config: Any = model.config
    return int(config.pad_token_id)


def vectors(
    model: nn.Module, tokenizer: Tokenizer, texts: Sequence[str], batch: int = 256
) -> Iterator[npt.NDArray[np.float32]]:
    """Vectors of many texts, a batch at a time, without gradients."""
    for start in range(0, len(texts), batch):
        with torch.inference_mode():
            yield embed(model, tokenizer, texts[start : start + batch]).numpy()
