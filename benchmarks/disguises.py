"""Ways in which people hide words, for the report and for the tests."""

from __future__ import annotations

from collections.abc import Callable

LOOKALIKES = str.maketrans("aeocpx", "аеосрх")  # Cyrillic
LEET = str.maketrans("ieaost", "13@0$7")
ACCENTS = str.maketrans("aeiou", "àèìòù")


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def bold(text: str) -> str:
    return "".join(
        chr(0x1D41A + ord(c) - ord("a"))
        if "a" <= c <= "z"
        else chr(0x1D400 + ord(c) - ord("A"))
        if "A" <= c <= "Z"
        else c
        for c in text
    )


# These lose nothing: the words can be read back exactly.
LOSSLESS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "full width": full_width,
    "bold letters": bold,
    "look-alike letters": lambda text: text.translate(LOOKALIKES),
    "accents": lambda text: text.translate(ACCENTS),
    "combining marks": lambda text: "".join(c + "\u0336" if c.isalpha() else c for c in text),
    "zero-width spaces": lambda text: "\u200b".join(text),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
}

# These lose something; what they hide is found where it is a word that people hide.
LOSSY: dict[str, Callable[[str], str]] = {
    "leetspeak": lambda text: text.translate(LEET),
    "stretched vowels": lambda text: "".join(c * 3 if c in "aeiou" else c for c in text),
    "letters apart": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "letters dotted": lambda text: "  ".join(".".join(word) for word in text.split()),
    "a letter missing": lambda text: " ".join(
        word[:3] + word[4:] if len(word) > 5 else word for word in text.split()
    ),
    "letters swapped": lambda text: " ".join(
        word[:2] + word[3] + word[2] + word[4:] if len(word) > 5 else word for word in text.split()
    ),
}

ADDED: dict[str, Callable[[str], str]] = {
    "a price question after it": lambda text: f"{text}. how much does it cost?",
    "a question without full stop": lambda text: f"{text} how long does a session take",
    "a question before it": lambda text: f"do you take insurance? {text}",
    "thanks": lambda text: f"{text} thanks",
    "please": lambda text: f"{text}, please",
    "emoji": lambda text: f"{text} 🙏😂",
    "Spanish after it": lambda text: f"{text}. ¿cuánto cuesta la sesión? gracias",
    "a command before it": lambda text: f"/ask {text}",
}
