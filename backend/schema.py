"""The declarative base and the column types that every table uses."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column, relationship

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


def order_by_foreign_keys() -> None:
    """Make every flush insert parents before children.

    SQLAlchemy orders a flush by relationships and not by foreign keys; ours has no relationships, so each foreign key
    gets a hidden one that nobody reads.
    """
    owners = {mapper.local_table: mapper for mapper in Base.registry.mappers}
    for table, mapper in owners.items():
        for column in table.columns:
            for key in column.foreign_keys:
                name = f"_parent_by_{column.key}"
                if name not in mapper.attrs and key.column.table is not table:
                    parent = owners[key.column.table]
                    joined = column == key.column
                    hidden = relationship(parent, primaryjoin=joined, foreign_keys=[column], lazy="raise", cascade="")
                    mapper.add_property(name, hidden)
