"""Message -> CleanText. Imports the standard library only.

    normalise   Unicode, apostrophes, spaces; keeps the way back to the original offsets
    lines       the body as non-blank lines with their quote depth
    headers     « Le … a écrit : », « De : / Envoyé : », « Message transféré » and who they name
    thread      which lines the sender wrote, which are quoted, whose mail a colleague forwards
    older       an older mail under a newer one, with nothing between
    answers     what is written between the lines of an unmarked quote
    parts       the lines of one person: own words, and
    opening       above them a gateway's banner, the letterhead, the greeting
    ending        below them closing, signature, legal notice
    looks         what a single line looks like
    form        the message field of a web contact form
    segment     all of the above as exact segments of the body
    subject     the subject without its « Re: », « TR: », « [EXTERNE] »
    mask        placeholders instead of personal data and numbers
    trace       back from the masked text to the offsets of the message

The language lies in the TOML files beside the code; `patterns` compiles them.
"""

from triage.clean.clean import clean
from triage.clean.mask import PLACEHOLDERS, mask, sender_names
from triage.clean.subject import strip_prefixes
from triage.clean.trace import Place, Trace

__all__ = ["PLACEHOLDERS", "Place", "Trace", "clean", "mask", "sender_names", "strip_prefixes"]
