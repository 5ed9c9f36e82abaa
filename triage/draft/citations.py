"""Articles as a citizen reads them: the code in full the first time, « à confirmer » where nobody has verified."""

import re
from collections.abc import Sequence

from triage.draft.letters import Article, Letters
from triage.errors import ProfileError

_REFERENCE = re.compile(r"(\S+) (.+)")


def gap(*what: str) -> str:
    """A visible hole that an agent fills: « [à compléter : délai] »; several parts are joined by a space."""
    return f"[à compléter : {' '.join(what)}]"


def confirm(what: str) -> str:
    """A visible doubt that an agent lifts: « [à confirmer : date] »."""
    return f"[à confirmer : {what}]"


class Citations:
    """The articles one letter cites, in order, and those nobody has verified; `cite` is what its template calls."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self._named: set[str] = set()
        self.cited: list[str] = []
        self.doubts: list[str] = []

    def cite(self, *ids: str) -> str:
        """« article L114-2 du code des relations entre le public et l'administration, CRPA », then « du CRPA ».

        Several articles must be of one code. Raises ProfileError for one that letters.toml does not list.
        """
        articles = [self._article(name) for name in ids]
        self.cited += [name for name in ids if name not in self.cited]
        return self._shown(self._in_words(articles), confirmed=all(article.confirmed for article in articles))

    def source(self, source: str, *, confirmed: bool) -> str:
        """The article a deadline comes from; one that letters.toml does not list is shown as the profile writes it."""
        listed = next(
            (name for name in sorted(self._letters.articles, key=len, reverse=True) if source.startswith(name)), ""
        )
        if source not in self.cited:
            self.cited.append(source)
        article = self._letters.articles.get(listed)
        text = self._in_words([article]).replace(_number(listed), _number(source), 1) if article else source
        return self._shown(text, confirmed=confirmed and (article is None or article.confirmed))

    def _shown(self, text: str, *, confirmed: bool) -> str:
        if confirmed:
            return text
        if text not in self.doubts:
            self.doubts.append(text)
        return f"{text} [à confirmer]"

    def _article(self, name: str) -> Article:
        try:
            return self._letters.articles[name]
        except KeyError:
            raise ProfileError(f"cites {name!r}, which letters.toml does not list: add an [[article]]") from None

    def _in_words(self, articles: Sequence[Article]) -> str:
        numbers = [_number(article.id) for article in articles]
        code = articles[0].id.split()[0]
        if any(article.id.split()[0] != code for article in articles):
            raise ProfileError("cites articles of several codes at once: call cite once for each code")
        listed = " et ".join([", ".join(numbers[:-1]), numbers[-1]] if len(numbers) > 1 else numbers)
        return f"{'articles' if len(numbers) > 1 else 'article'} {listed} du {self._code(code)}"

    def _code(self, code: str) -> str:
        if code in self._named:
            return code
        self._named.add(code)
        name = next((found.name for found in self._letters.code if found.id == code), code)
        return f"{name}, {code}"


def _number(reference: str) -> str:
    found = _REFERENCE.match(reference)
    return found[2] if found else reference
