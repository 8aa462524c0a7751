"""The words of an expression: the source cut into tokens, each with its place."""

import re
import unicodedata
from typing import Any, NamedTuple, NoReturn

from app.core.text import Text
from app.engine.expression_values import MAX_NUMBER


class ExpressionRefused(Exception):
    """A source that is not an expression of the language.

    `text` says what to write instead; `position` is the character of the source where the fault is, counted from 1,
    or None where the source as a whole is at fault.
    """

    def __init__(self, text: Text, position: int | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.position = position


class Token(NamedTuple):
    """A word of the source as it was typed, and its first character counted from 1."""

    kind: str
    text: str
    position: int


CONSTANTS = {"true": True, "false": False, "null": None}
SPELLINGS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
RESERVED = {*SPELLINGS, *CONSTANTS, "in", "empty"}
_FOREIGN = {
    "=": "==", "===": "==", "!==": "!=", "<>": "!=", "&": "&&", "|": "||", "+=": "+", "//": "/",
    "none": "null", "is": "==", "instanceof": "==", "if": "a ? b : c", "else": "a ? b : c",
}  # fmt: skip
_ABSENT = {"**", "^", "->", "=>", ";", "{", "lambda"}
MISSING = {
    "}": Text("kurung kurawal penutup }", "the closing brace }"),
    "]": Text("kurung siku penutup ]", "the closing bracket ]"),
    ")": Text("kurung penutup )", "the closing parenthesis )"),
    "(": Text("kurung pembuka (", "the opening parenthesis ("),
    ":": Text("titik dua dari a ? b : c", "the colon of a ? b : c"),
}

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>\w+)
    | (?P<operator>===|!==|\*\*|//|->|=>|<>|\+=|&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}=&|^;])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}
_LOOK_ALIKES = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u00d7": "*", "\u00f7": "/", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "`": "'", "\u00b4": "'",
}  # fmt: skip


def refuse(position: int, indonesian: str, english: str) -> NoReturn:
    """Raise ExpressionRefused for the fault at `position`; both sentences get the place added."""
    raise ExpressionRefused(
        Text(f"{indonesian} (karakter ke-{position} dalam ungkapan)", f"{english} (character {position})"), position
    )


def refuse_underscore(position: int) -> NoReturn:
    """Raise ExpressionRefused for a name that begins with an underscore."""
    refuse(
        position,
        "Nama tidak boleh diawali garis bawah. Pakai nama yang diawali huruf.",
        "A name must not begin with an underscore. Use a name that begins with a letter.",
    )


def tokenize(source: str) -> list[Token]:
    """Cut the source into tokens; raises ExpressionRefused.

    Kinds: `open` (a leading `${` or `#{`), `number`, `text` (quotes and escapes still in it), `name`, `operator`,
    and one `end` at last. Operators of other languages are cut out whole, so that the parser can name the remedy.
    """
    tokens: list[Token] = []
    at = len(source) - len(source.lstrip())
    wrapped = source[at : at + 2] in ("${", "#{")
    if wrapped:
        tokens.append(Token("open", source[at : at + 2], at + 1))
        at += 2
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            _refuse_character(source, at)
        kind, text = str(match.lastgroup), match[0]
        if kind == "name":
            _require_plain_name(text, at + 1)
        following = source[match.end() : match.end() + 1]
        if kind == "number" and (following.isalnum() or following == "."):
            refuse(
                at + 1,
                "Bilangan ditulis dengan angka dan paling banyak satu titik desimal, misalnya 1000000 atau 0.5.",
                "A number is written with digits and at most one decimal point, for example 1000000 or 0.5.",
            )
        if kind != "space":
            tokens.append(Token(kind, text, at + 1))
        at = match.end()
    tokens.append(Token("end", "", len(source) + 1))
    return tokens


def literal(token: Token) -> Any:
    """Return the value of a `number` or `text` token: int, float or str."""
    if token.kind == "text":
        return _ESCAPE.sub(lambda match: _unescaped(match, token), token.text[1:-1])
    value = float(token.text) if "." in token.text else int(token.text)
    if value > MAX_NUMBER:
        refuse(
            token.position,
            "Bilangan melebihi batas 10 pangkat 18. Pakai satuan yang lebih besar (juta, miliar).",
            "The number passes the limit of 10 to the 18th. Use a larger unit (millions, billions).",
        )
    return value


def refuse_foreign(token: Token) -> None:
    """Refuse a word of another language, or one written in capitals, with the word to use instead."""
    word = token.text.lower()
    instead = _FOREIGN.get(word, word if word in RESERVED and word != token.text else None)
    if instead is not None:
        refuse(token.position, f"Tulis {instead}, bukan {token.text}.", f"Use {instead} instead of {token.text}.")
    if word in _ABSENT:
        refuse(
            token.position,
            f"{token.text} tidak tersedia dalam ungkapan. Pakai perbandingan dan fungsi biasa saja.",
            f"{token.text} does not exist in expressions. Use comparisons and the listed functions only.",
        )


def refuse_missing_value(token: Token) -> NoReturn:
    """Refuse a token that stands where a value is needed."""
    refuse_foreign(token)
    if token.kind == "end":
        refuse(
            token.position,
            "Ungkapan kosong atau terputus. Tulis syaratnya, misalnya ${keputusan == 'setuju'}.",
            "The expression is empty or breaks off. Write the condition, for example ${keputusan == 'setuju'}.",
        )
    refuse(
        token.position,
        f"Di depan '{token.text[:40]}' kurang sebuah nilai atau nama variabel.",
        f"A value or the name of a variable is missing before '{token.text[:40]}'.",
    )


def _unescaped(match: re.Match[str], token: Token) -> str:
    if match[1] not in _ESCAPES:
        refuse(
            token.position + 1 + match.start(),
            "Setelah garis miring terbalik hanya boleh \\ ' \" n atau t. Untuk garis miring terbalik, tulis dua kali.",
            "Only \\ ' \" n or t may follow a backslash. Write a backslash itself twice.",
        )
    return _ESCAPES[match[1]]


def _refuse_character(source: str, at: int) -> NoReturn:
    character = source[at]
    if character in "'\"":
        refuse(at + 1, f"Teks tidak ditutup: tambahkan {character}.", f"A text is not closed: add {character}.")
    if character in _LOOK_ALIKES:
        plain = _LOOK_ALIKES[character]
        refuse(
            at + 1,
            f"Karakter {character} berasal dari pengolah kata. Ketik {plain} sebagai gantinya.",
            f"The character {character} comes from a word processor. Type {plain} instead.",
        )
    if source.startswith(("${", "#{"), at):
        refuse(
            at + 1,
            "Hanya satu ${…} yang diterima, tanpa teks di luarnya. Gabungkan semuanya di dalam satu ${…}.",
            "Only one ${…} is accepted, with no text around it. Put everything into one ${…}.",
        )
    refuse(
        at + 1,
        f"Karakter U+{ord(character):04X} tidak dikenal dalam ungkapan. Hapus karakter itu.",
        f"The character U+{ord(character):04X} has no meaning in an expression. Remove it.",
    )


def _require_plain_name(name: str, position: int) -> None:
    if name.startswith("_"):
        refuse_underscore(position)
    if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
        refuse(
            position,
            "Nama ini memuat huruf atau angka khusus yang tampak sama dengan yang biasa. Ketik ulang namanya.",
            "This name holds special letters or digits that look like ordinary ones. Type the name again.",
        )
