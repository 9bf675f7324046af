"""Numbers of Ecuador's employers, one file each: `parse` refuses, `read` says what it found and what it offers."""

from clavero.core.identifiers import (
    cedula,
    email,
    employer,
    foreign_id,
    identify,
    phone,
    ruc,
    sucursal,
)

__all__ = ["cedula", "email", "employer", "foreign_id", "identify", "phone", "ruc", "sucursal"]
