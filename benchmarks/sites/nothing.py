"""Our site without its slow hash: what everything else costs."""


class Nothing:
    """Stands where the hasher stands: the same calls, no cost."""

    def hash(self, text: bytes) -> str:
        return f"nothing{text.decode()}"

    def verify(self, hashed: str, text: bytes) -> bool:
        return hashed == f"nothing{text.decode()}"

    def check_needs_rehash(self, hashed: str) -> bool:
        return not hashed.startswith("nothing")


def hash_nothing() -> None:
    """From now on a key costs nothing in this process."""
    from clavero.keys import services

    services._hasher = Nothing
