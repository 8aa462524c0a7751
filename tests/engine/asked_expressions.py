"""Expressions as the tests ask them: with what variables, and what comes back."""

from typing import Any

import pytest

from app.engine.expressions import ExpressionFailed, ExpressionRefused, compile_expression

VARIABLES: dict[str, Any] = {
    "keputusan": "setuju",
    "jumlah": 12,
    "rasio": 0.5,
    "lengkap": True,
    "kosong": None,
    "berkas": {"nomor": "500.15/012", "isi": [10, {"lembar": 3}], "": "tanpa nama"},
    "len": "nama yang sama dengan fungsi",
    "Kinerja_2026": 1,
    "sasaran_é": "é",
}


def value(source: str, **variables: Any) -> Any:
    return compile_expression(source)(VARIABLES | variables)


def refusal(source: str) -> ExpressionRefused:
    with pytest.raises(ExpressionRefused) as caught:
        compile_expression(source)
    return caught.value


def failure(source: str, **variables: Any) -> ExpressionFailed:
    with pytest.raises(ExpressionFailed) as caught:
        value(source, **variables)
    return caught.value
