"""Each test starts in Spanish and without figures that another one measured."""

import pytest
from django.utils import translation

from clavero.guidance import queries


@pytest.fixture(autouse=True)
def from_the_start(db):
    translation.activate("es")
    queries.forget()
