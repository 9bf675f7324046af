"""The people and firms that every test uses."""

from clavero.demo.cast import CAST, NEIGHBOURS, WAITING, Member, by_id

__all__ = ["CAST", "NEIGHBOURS", "WAITING", "Member", "by_id"]
