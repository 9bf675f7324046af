"""The hashes of the peers: the same cost as ours, or none."""

from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id t=2 m=19456 p=1, as in the profile."""

    time_cost, memory_cost, parallelism = 2, 19456, 1


class Nothing(BasePasswordHasher):
    """The key in clear, as if hashing cost nothing: only what stands around it is measured."""

    algorithm = "nothing"

    def encode(self, password: str, salt: str) -> str:
        return f"nothing${salt}${password}"

    def verify(self, password: str, encoded: str) -> bool:
        return encoded.rpartition("$")[2] == password

    def salt(self) -> str:
        return "x"

    def decode(self, encoded: str) -> dict[str, object]:
        return {"algorithm": self.algorithm, "hash": encoded, "salt": "x"}

    def must_update(self, encoded: str) -> bool:
        return False
