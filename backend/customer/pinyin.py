"""Pinyin of customer names, so that a Latin keyboard finds 杭州西湖商贸 by "hzxhsm" or "hangzhou"."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def pinyin_of(name: str) -> str:
    """Return a name's syllables and its initials, in lower case: "hang zhou xi hu hangzhouxihu hzxh".

    A name without Chinese characters has none.
    """
    syllables = [part.lower() for part in lazy_pinyin(name, style=Style.NORMAL, errors="ignore") if part.isalpha()]
    if not syllables:
        return ""
    return f"{' '.join(syllables)} {''.join(syllables)} {''.join(part[0] for part in syllables)}"
