"""Every word for people, in Italian and English: sentences, labels, dates, amounts.

English words are the keys; the other languages live in gettext catalogues, the hub's beside this
package and each plugin's beside its own.
"""

from incasso.locale.language import ENGLISH, LANGUAGES, reading_language
from incasso.locale.sentences import localize

__all__ = ["ENGLISH", "LANGUAGES", "localize", "reading_language"]
