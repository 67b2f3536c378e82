"""Read a message the way a person would: one word after the other, whatever its disguise.

A message has one or two readings. The plain reading folds capitals, accents, look-alike letters
and contractions ("I’m", "im" and "i am" are the same words). The second one, where it differs,
also undoes what people do to hide a word or get wrong when they type in distress: su1c1de,
k!ll, s*icide, s u i c i d e, killmyself, suicde, wnat. Every word knows its place in the original.

The classifier reads all words. For the patterns, words that none of them uses become ``OTHER``
(see ``Normaliser.known``), so that what visitors write is not kept in spaCy's table of words,
which only ever grows.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.safety.vocabulary import Vocabulary

OTHER = "_"


class Word(NamedTuple):
    """A word without its disguise, and where it stands in the text as it was given."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Spelling:
    """How people write words, from ``words.yml``.

    ``same``: a spelling and the words it stands for. ``mistyped``: words in which one wrong,
    missing or additional letter is forgiven. ``hidden``: words that people disguise.
    ``ordinary``: words that look like a mistake or a disguise of those, and are neither.
    ``signs``: an emoji and its word.
    """

    same: Mapping[str, tuple[str, ...]]
    mistyped: Collection[str]
    hidden: Collection[str]
    ordinary: Collection[str]
    signs: Mapping[str, str]

    def words(self, written: str) -> tuple[str, ...]:
        """The words that ``written`` (one folded word) stands for."""
        bare = written.replace("'", "")
        if bare in self.same:
            return self.same[bare]
        if written.endswith("'s") and len(written) > 2:
            return (written[:-2].replace("'", ""),)
        return (bare,)


LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁԛԝһӏгпьєαβεηικμνορτυχωγσᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıøłđðþæœ",
    "abekmhopctyxijsdqwhlrnbeabenikmvoptuxwysabcdefghijklmnoprstuvwyziolddpao",
)
INVISIBLE = frozenset("ㅤᅟᅠ⠀ﾠ")
QUOTES = str.maketrans(dict.fromkeys("’‘‛`´ʼʹ′＇", "'"))
REGIONAL_A, SQUARED_A, CIRCLED_A, BOXED_A = 0x1F1E6, 0x1F130, 0x1F150, 0x1F170

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LETTER = re.compile(r"[^\W\d_]")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_DOTTED = re.compile(r"[^\w\s]*[^\W_](?:(?:[^\w\s]|_)+[^\W_]){2,}[^\w\s]*")
_CORE = re.compile(r"[\w$@€].*[\w$@*!]|[\w]", re.DOTALL)
_DISGUISE = str.maketrans("013457$@!|+€(", "oieastsaiitec")
_DISGUISE_L = _DISGUISE | str.maketrans("1!|", "lll")
_SEPARATORS = re.compile(r"[^\w]|_")
_STARS = "*#•·_"
_NUMBERS = {"1": "i", "2": "to", "4": "for"}
_LONGEST_CHUNK = 60


def fold(text: str, signs: Mapping[str, str] | None = None) -> tuple[str, Sequence[int]]:
    """``text`` in small letters without accents, look-alikes and invisible characters.

    The second value gives for each character of the first its place in ``text``.
    """
    if text.isascii() and text.isprintable():
        return text.lower(), range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        sign = signs.get(character) if signs else None
        plain = f" {sign} " if sign else _fold_character(character)
        folded.append(plain)
        places.extend([place] * len(plain))
    return "".join(folded), places


@functools.lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in INVISIBLE:
        return ""
    code = ord(character)
    for first in (REGIONAL_A, SQUARED_A, CIRCLED_A, BOXED_A):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    quoted = character.translate(QUOTES)
    if quoted == "'":
        return quoted
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    visible = (
        c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc", "Cs")
    )
    return "".join(visible).translate(LOOKALIKES)


class Normaliser:
    """Gives the readings of a text. ``of_patterns``: the words that the patterns use;
    ``vocabulary``: those that a mistyped word may be."""

    def __init__(
        self, spelling: Spelling, of_patterns: Iterable[str], vocabulary: Vocabulary
    ) -> None:
        words = set(of_patterns)
        self._stems = tuple(
            sorted((w.rstrip("*") for w in words if w.endswith("*")), key=len, reverse=True)
        )
        self._spelling, self._vocabulary = spelling, vocabulary
        self._of_patterns = {w for w in words if not w.endswith("*")} | set(self._stems)
        # What may be read out of a disguise or a run of letters without spaces.
        self._readable = (
            self._of_patterns | set(spelling.same) | set(spelling.hidden) | set(spelling.mistyped)
        )
        self._longest = max(map(len, self._readable), default=1)
        self._mistakes = _one_letter_missing(spelling.mistyped)
        self.known = functools.lru_cache(maxsize=8192)(self._known)
        self._plain = functools.lru_cache(maxsize=8192)(self._spelled)
        self._decoded = functools.lru_cache(maxsize=8192)(self._undisguised)

    def _known(self, word: str) -> str:
        """``word`` where a pattern uses it, the stem where one uses that, else ``OTHER``."""
        if word in self._of_patterns:
            return word
        return next((stem for stem in self._stems if word.startswith(stem)), OTHER)

    def readings(self, text: str) -> list[list[Word]]:
        """The plain reading, and the one without disguises where it is another."""
        folded, places = fold(text, self._spelling.signs)

        def word(piece: str, start: int, end: int) -> Word:
            return Word(piece, places[start], places[end - 1] + 1)

        plain = [
            word(piece, match.start(), match.end())
            for match in _WORD.finditer(folded)
            for piece in self._plain(match.group())
        ]
        decoded = [word(*found) for found in self._decode(folded)]
        return [plain] if decoded == plain else [plain, decoded]

    def _spelled(self, written: str) -> tuple[str, ...]:
        return self._spelling.words(self._shortened(written))

    def _shortened(self, word: str, likely: tuple[int, int] = (1, 2)) -> str:
        """Without letters repeated three times or more: "diiiie" is "die".

        One or two of them are meant. Where both make a word ("tooo"), the likelier comes first.
        """
        runs = len(_LONG_RUN.findall(word))
        if not runs:
            return word
        for lengths in itertools.product(likely, repeat=runs) if runs <= 4 else ():
            each = iter(lengths)
            shorter = _LONG_RUN.sub(lambda m: m.group(1) * next(each), word)  # noqa: B023
            if shorter in self._readable or shorter in self._vocabulary:
                return shorter
        return _LONG_RUN.sub(r"\1", word)

    def _decode(self, folded: str) -> Iterable[tuple[str, int, int]]:
        """The second reading, as words with their places in ``folded``."""
        single: list[int] = []  # places of letters that stand alone, perhaps a word spelled out
        held = ""  # the chunk before, perhaps the first half of a word
        held_at = 0
        for match in _CHUNK.finditer(folded):
            chunk, start = match.group(), match.start()
            both = held + chunk.rstrip(".,!?;:")
            if held and both in self._spelling.hidden:
                for one in self._plain(both):
                    yield one, held_at, match.end()
                held = ""
                continue
            letters = [start + i for i, c in enumerate(chunk) if c.isalnum()]
            if letters and (len(letters) == 1 or _DOTTED.fullmatch(chunk)):
                yield from self._chunk(held, held_at)
                held = ""
                single += letters
                continue
            yield from self._letters(folded, single)
            single = []
            yield from self._chunk(held, held_at)
            held, held_at = chunk, start
        yield from self._chunk(held, held_at)
        yield from self._letters(folded, single)

    def _chunk(self, chunk: str, start: int) -> Iterable[tuple[str, int, int]]:
        for word, first, last in self._decoded(chunk) if chunk else ():
            yield word, start + first, start + last

    def _letters(self, folded: str, places: list[int]) -> Iterable[tuple[str, int, int]]:
        """Letters that stand alone: a word that was spelled out, or just "i" or "2"."""
        written = "".join(folded[place] for place in places)
        if len(_LETTER.findall(written)) >= 3:
            written = written.translate(_DISGUISE)
            for word, first, last in self._split(written, strict=False) or ():
                for one in self._plain(word):
                    yield one, places[first], places[last - 1] + 1
            return
        for place in places:
            letter = folded[place]
            for one in self._plain(_NUMBERS.get(letter, letter)):
                yield one, place, place + 1

    def _undisguised(self, chunk: str) -> tuple[tuple[str, int, int], ...]:
        """The words in ``chunk``, which has no spaces, with their places in it."""
        core = _CORE.search(chunk)
        hidden = self._hidden(core.group()) if core and len(chunk) <= _LONGEST_CHUNK else ()
        if core and hidden:
            return tuple(
                (one, core.start() + first, core.start() + last)
                for word, first, last in hidden
                for one in self._plain(word)
            )
        return tuple(
            (meant, match.start(), match.end())
            for match in _WORD.finditer(chunk)
            for one in self._plain(match.group())
            for meant in self._meant(one)
        )

    def _meant(self, word: str) -> tuple[str, ...]:
        """What ``word`` is a mistyping of. A word that patterns know is never read as another."""
        if word in self._readable or self.known(word) != OTHER:
            return (word,)
        return self._vocabulary.meant(word)

    def _hidden(self, core: str) -> Sequence[tuple[str, int, int]]:
        """What ``core`` hides, as words with their places in it; nothing if it hides nothing."""
        word = core.replace("'", "")
        if word.isalpha():
            short = self._shortened(word, likely=(2, 1))
            if short in self._readable or word in self._spelling.ordinary:
                return () if short == word else [(short, 0, len(core))]
            meant = self._mistyped(short)
            if meant:
                return [(meant, 0, len(core))]
            return self._run_on(short, core) if len(word) >= 6 else ()
        letters = sum(map(str.isalpha, core))
        if not letters:
            return ()
        # One letter and digits other than 0 are a dose or a date, unless they spell a hidden word.
        doubtful = letters == 1 and any(c in "123456789" for c in core)
        readable = self._spelling.hidden if doubtful else self._readable
        starred = self._starred(core)
        if starred:
            return [(starred, 0, len(core))]
        for table in (_DISGUISE, _DISGUISE_L):
            for tried in (core, core.rstrip("!.,")):
                read = self._shortened(_SEPARATORS.sub("", tried.translate(table)))
                if read in readable or (not doubtful and read in self._vocabulary):
                    return [(read, 0, len(tried))]
                meant = self._mistyped(read)
                if meant:
                    return [(meant, 0, len(tried))]
                found = self._run_on(read, core) if len(read) >= 6 else ()
                if found:
                    return found
        return ()

    def _starred(self, core: str) -> str | None:
        """s*icide, su***de: each star is a letter at most."""
        stars = sum(c in _STARS for c in core)
        if not stars or 2 * stars > len(core):
            return None
        pattern = re.compile(
            "".join(".?" if c in _STARS else re.escape(c) for c in core.translate(_DISGUISE))
        )
        fits = [word for word in self._spelling.hidden if pattern.fullmatch(word)]
        # The word of the same length is meant rather than a shorter one.
        return min(fits, key=lambda word: (abs(len(word) - len(core)), word), default=None)

    def _mistyped(self, word: str) -> str | None:
        if len(word) < 5 or word in self._spelling.ordinary or self.known(word) == word:
            return None
        for shorter in (word, *_without_one(word)):
            for meant in self._mistakes.get(shorter, ()):
                if _one_edit_apart(word, meant):
                    return meant
        return None

    def _run_on(self, read: str, core: str) -> Sequence[tuple[str, int, int]]:
        """Words written without spaces, at least one of them a word that people hide."""
        parts = self._split(read, strict=True)
        if not parts or not any(word in self._spelling.hidden for word, _, _ in parts):
            return ()
        if len(read) == len(core):
            return parts
        return [(word, 0, len(core)) for word, _, _ in parts]

    def _split(self, letters: str, *, strict: bool) -> list[tuple[str, int, int]]:
        """``letters`` cut into as few readable words as possible.

        Where it is not strict, letters that belong to no word are left over. Each place looks at
        most as far back as the longest word, so the cost grows with the length only.
        """
        best: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - self._longest), end):
                before = best[start]
                if before is None:
                    continue
                word = letters[start:end]
                if len(word) == 1:
                    cost = 1 if word in "iayo" else (None if strict else 4)
                else:
                    cost = 1 if word in self._readable else None
                if cost is None:
                    continue
                reached = best[end]
                if reached is None or before[0] + cost < reached[0]:
                    best[end] = (before[0] + cost, start)
        parts: list[tuple[str, int, int]] = []
        end = len(letters)
        while end:
            reached = best[end]
            if reached is None:
                return []
            parts.append((letters[reached[1] : end], reached[1], end))
            end = reached[1]
        return parts[::-1]


def _without_one(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]


def _one_letter_missing(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        for shorter in {word, *_without_one(word)}:
            found[shorter] = (*found.get(shorter, ()), word)
    return found


def _one_edit_apart(written: str, meant: str) -> bool:
    """One letter wrong, missing, additional, or two neighbours swapped."""
    if abs(len(written) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    a, b = written[start:], meant[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[1::-1] + a[2:] == b)
