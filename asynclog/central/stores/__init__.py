"""Stores: where events stay, in SQL."""

from .delivery import Dead, Delivery, Drop, Receipt, Row
from .protocol import Store
from .store import open_store

__all__ = ["Dead", "Delivery", "Drop", "Receipt", "Row", "Store", "open_store"]
