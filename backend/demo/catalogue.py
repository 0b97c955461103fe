"""Invented shops: names, addresses and telephone numbers that could be, but are not, in Hangzhou."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from random import Random

Temper = Literal["prompt", "slow", "bad"]

_FIRST = "福 鑫 顺 家 乐 万 好 佳 惠 祥 百 丰 盛 金 悦 康 和 瑞 永 裕 恒 安 嘉 旺 泰".split(" ")  # noqa: SIM905 - one glance
_SECOND = "源 隆 客 邻 达 利 多 来 兴 润 缘 宝 满 聚 诚 美 益 民 华 园".split(" ")  # noqa: SIM905 - one glance
_KINDS = (
    *("便利店", "超市", "副食品店", "烟酒店", "粮油店", "生鲜店", "食品商行", "小吃店"),
    *("面馆", "早餐店", "水果店", "零食铺", "社区超市", "餐厅", "干货店"),
)
_STREETS = (
    *("青枫街", "听雨路", "禾苗路", "望湖里街", "竹溪路", "石榴巷", "荷塘街", "东篱路", "桂香路", "渔灯街"),
    *("稻香路", "春涧路", "云栖里街", "白鹭路", "梧桐里巷", "新稼路", "小桥里街", "南圃路"),
)
_DISTRICTS = ("上城区", "拱墅区", "西湖区", "滨江区", "萧山区", "余杭区", "临平区", "钱塘区")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜戚谢邹喻"
_TITLES = ("老板", "老板娘", "经理", "店长")
_TEMPERS: tuple[Temper, ...] = ("prompt", "prompt", "prompt", "slow", "slow", "bad")
_CLASSES: dict[Temper, str] = {"prompt": "A", "slow": "B", "bad": "C"}


@dataclass(frozen=True, slots=True)
class Shop:
    """A customer before it has an id; ``temper`` is how it pays."""

    number: str
    name: str
    phone: str
    address: str
    contact: str
    class_code: str
    terms_days: int
    limit_minor: int
    temper: Temper
    size: int  # its usual invoice in whole yuan


def shops(dice: Random, count: int) -> list[Shop]:
    """Invent shops whose names differ."""
    names: list[str] = []
    while len(names) < count:
        name = f"{dice.choice(_FIRST)}{dice.choice(_SECOND)}{dice.choice(_KINDS)}"
        if name not in names:
            names.append(name)
    return [_shop(dice, n + 1, name) for n, name in enumerate(names)]


def _shop(dice: Random, n: int, name: str) -> Shop:
    temper = dice.choice(_TEMPERS)
    size = dice.choice((400, 600, 900, 1_400, 2_200, 3_500, 6_000))
    return Shop(
        number=f"C{n:04d}",
        name=name,
        phone=f"160{dice.randrange(10**8):08d}",  # no operator has been given the numbers from 160
        address=f"杭州市{dice.choice(_DISTRICTS)}{dice.choice(_STREETS)}{dice.randint(1, 398)}号",
        contact=dice.choice(_SURNAMES) + dice.choice(_TITLES),
        class_code=_CLASSES[temper],
        terms_days=dice.choice((7, 15, 30, 30, 30, 45)),
        limit_minor=size * 10 * 100,
        temper=temper,
        size=size,
    )
