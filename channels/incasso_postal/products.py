"""What the service sells, and how a letter of ours is called there."""

from __future__ import annotations

from enum import StrEnum

from incasso.api import Medium


class Product(StrEnum):
    """A product; the value is its path at the service."""

    REGISTERED = "raccomandate"
    ORDINARY = "ordinarie"
    PRIORITY = "prioritarie"
    TELEGRAM = "telegrammi"

    @property
    def is_tracked(self) -> bool:
        """Whether anything is heard of it after it was posted."""
        return self in (Product.REGISTERED, Product.PRIORITY)

    def ref(self, number: str) -> str:
        """Our reference of a letter: what it is, and its number at the service."""
        return f"{self}/{number}"


class LetterProduct(StrEnum):
    """How the medium `letter` travels."""

    ORDINARY = "ordinaria"
    PRIORITY = "prioritaria"


def product_of(medium: Medium, letters: LetterProduct) -> Product:
    """What is bought for a message of that medium."""
    match medium:
        case Medium.REGISTERED:
            return Product.REGISTERED
        case Medium.TELEGRAM:
            return Product.TELEGRAM
        case _:
            return Product.PRIORITY if letters is LetterProduct.PRIORITY else Product.ORDINARY


def product_in(ref: str) -> Product | None:
    """The product of a reference; None if it is none of ours."""
    name, slash, number = ref.partition("/")
    return Product(name) if slash and number and name in set(Product) else None
