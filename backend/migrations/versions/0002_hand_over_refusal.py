"""Hand-overs that were refused instead of received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_over_refusal",
        sa.Column("hand_over_id", sa.String(length=36), nullable=False),
        sa.Column("refused_by", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hand_over_id"], ["hand_over.id"], name=op.f("fk_hand_over_refusal_hand_over_id")),
        sa.PrimaryKeyConstraint("hand_over_id", name=op.f("pk_hand_over_refusal")),
    )


def downgrade() -> None:
    op.drop_table("hand_over_refusal")
