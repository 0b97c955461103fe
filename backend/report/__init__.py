"""Figures over the ledger: ageing, control totals, dashboard."""
