"""The one way to say no."""


class Refused(Exception):
    """ "I will not do that", as a code (`thing.problem`) and details; the words stand at the doors.

    `details` are values for the sentence (a length, a date), never an identifier, key or code.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __repr__(self) -> str:
        return f"Refused({self.code!r}, {self.details!r})"
