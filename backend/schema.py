"""The declarative base and the column types that every table uses."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Constraint names are fixed, so that migrations can name them on both databases.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[str, mapped_column(String(36))]
PrimaryId = Annotated[str, mapped_column(String(36), primary_key=True)]
Word = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]
Body = Annotated[str, mapped_column(Text)]
Minor = Annotated[int, mapped_column(BigInteger)]
Millis = Annotated[int, mapped_column(BigInteger)]
Currency = Annotated[str, mapped_column(String(3))]
Hash = Annotated[str, mapped_column(String(64))]


class Base(DeclarativeBase):
    """All tables; facts are rows that are only ever added."""

    metadata = MetaData(naming_convention=_NAMES)
