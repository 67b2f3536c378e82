"""English or Spanish? Enough to choose the language of a reply where no pattern says it."""

from __future__ import annotations

import re

_SPANISH = """
    que de la el en los las un una por con para como esta estoy pero muy mas si yo mi tu es
    son hay cuanto cuesta cual donde cuando quiero puedo puede pueden podria tengo necesito
    gracias hola buenos buenas dias tardes noches sobre esto eso nada todo ya lo le se del al
    su sus tiene duele efectos ayuda ketamina sesion tratamiento depresion seguro precio
    clinica cita favor causar llamar hambre luz llamo vivir morir vida dolor
"""
_ENGLISH = """
    the of and to in is it you that for on are with as this was be at have from or by not but
    what how when where can do does my i me we your if will would there much long about get
    need want hello hi thanks please help treatment session cost
"""
_SPANISH_WORDS, _ENGLISH_WORDS = (frozenset(words.split()) for words in (_SPANISH, _ENGLISH))
_SPANISH_SIGNS = re.compile(r"[ñ¿¡áéíóú]", re.IGNORECASE)
_ACCENTS = str.maketrans("áéíóú", "aeiou")
_ENOUGH = 4000  # characters


def language_of(text: str) -> str:
    """ "es" where Spanish words and signs outnumber English words, otherwise "en"."""
    beginning = text[:_ENOUGH].lower()
    words = re.findall(r"[^\W\d_]+", beginning.translate(_ACCENTS))
    spanish = sum(word in _SPANISH_WORDS for word in words)
    spanish += bool(_SPANISH_SIGNS.search(beginning))
    english = sum(word in _ENGLISH_WORDS for word in words)
    return "es" if spanish > english else "en"
