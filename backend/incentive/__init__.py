"""Incentives scored from money that arrived."""
