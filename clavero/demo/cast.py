"""The made-up people and firms: every road has somebody who walks it. Data only; nobody here exists.

Cédulas are of province 24 with third digit 5, a range not known to be issued; domains end in `.example`.
"""

from dataclasses import dataclass, field

SHARED = "contabilidad@cuentas.example"


@dataclass(frozen=True)
class Member:
    """One of the cast: what they type, what the registers say of them, and how it will end."""

    id: str
    es: str
    en: str
    identification: str
    ruc: str
    branch: str = "0001"
    domestic: bool = False
    name: str = ""
    kind: str = "company"
    email: str = ""
    email_state: str = "on_record"
    key_state: str = "active"
    key: str = ""
    ruc_state: str = "ACTIVO"
    branches: tuple[str, ...] = ("0001",)
    on_record: str = ""  # the representative on record, where it is another person
    facts: dict[str, str] = field(default_factory=dict)
    email_days: int = 0  # how long ago the e-mail came on record; 0: long ago
    former: str = ""  # an older e-mail on record
    exists: bool = True
    ends: str = "online"

    @property
    def representative(self) -> str:
        return self.on_record or self.identification


CAST: tuple[Member, ...] = (
    Member(
        "en_orden", "Ana, panadería: todo en orden", "Ana, a bakery: all in order",
        "2453622207", "2499000017001", name="Panadería Trigo Andariego Cía. Ltda.",
        email="ana@trigo.example", key="volcan-tren-mesa-azul",
        facts={"workers_last_sheet": "4", "first_entry_month": "2019-03"},
    ),
    Member(
        "tres_sucursales", "Luis, ferretería con tres sucursales", "Luis, a hardware shop with three branches",
        "2459640906", "2499000025001", branch="0002", name="Ferretería Tres Puertas S.A.",
        email="luis@tuercas.example", branches=("0001", "0002", "0003"), key="lluvia-carta-puente-9",
    ),
    Member(
        "primera_clave", "Rosa, taller nuevo: nunca tuvo clave", "Rosa, a new workshop: never had a key",
        "2454000924", "2499000033001", name="Taller Hilo Nuevo S.A.S.", email="rosa@hilo.example",
        key_state="never", ends="visit",
    ),
    Member(
        "ruc_suspendido", "Marta, bazar: RUC suspendido", "Marta, a bazaar: RUC suspended",
        "2452756550", "2452756550001", name="Marta Lindero Páramo", kind="natural",
        email="marta@bazar.example", ruc_state="SUSPENDIDO", ends="visit",
    ),
    Member(
        "ruc_cerrado", "Pedro, transporte: RUC cerrado", "Pedro, transport: RUC closed",
        "2455312013", "2455312013001", name="Pedro Loma Verde", kind="natural",
        email="pedro@rutas.example", ruc_state="PASIVO", ends="visit",
    ),
    Member(
        "sin_correo", "Julia, librería: sin correo en el registro", "Julia, a bookshop: no e-mail on record",
        "2457724868", "2499000041001", name="Librería Faro Quieto Cía. Ltda.", ends="visit",
    ),
    Member(
        "correo_rebota", "Carlos, imprenta: su correo rebota", "Carlos, a printer: his e-mail bounces",
        "2452214717", "2499000009001", name="Imprenta Tinta Clara S.A.", email="carlos@tinta.example",
        email_state="bounced", ends="visit",
    ),
    Member(
        "ya_no_tengo", "Elena, vivero: ya no tiene ese correo", "Elena, a nursery: no longer has that e-mail",
        "2456670096", "2499000068001", name="Vivero Cerro Alto S.A.S.", email="elena@viejo.example", ends="visit",
    ),
    Member(
        "representante_cambio", "Diego, cooperativa: es el nuevo representante", "Diego, a cooperative: the new representative",
        "2458415482", "2499000076001", name="Cooperativa Surco Ancho", on_record="2457359574",
        email="antes@surco.example", ends="visit",
    ),
    Member(
        "clave_bloqueada", "Lucía, cafetería: clave bloqueada, pero la recuerda", "Lucía, a café: key blocked, but she remembers it",
        "2453554681", "2499000084001", name="Cafetería Grano Molido Cía. Ltda.", email="lucia@grano.example",
        key_state="blocked", key="canoa-brisa-tambor-nogal",
    ),
    Member(
        "domestica", "Jorge: emplea a una persona en su casa", "Jorge: employs somebody at home",
        "2453399624", "2453399624000", domestic=True, name="Jorge Alero Manso", kind="domestic",
        email="jorge@alero.example",
    ),
    Member(
        "publica", "Sofía, municipio: entidad pública", "Sofía, a town council: public body",
        "2454536109", "2469000000001", name="Municipio de Villa Inventada", kind="public",
        email="sofia@villa.example", facts={"workers_last_sheet": "120", "last_payment_month": "2026-10"},
    ),
    Member(
        "sin_modulo_11", "Andrés, empresa nueva: su RUC no cumple el módulo 11", "Andrés, a new company: its RUC fails modulo 11",
        "2454087947", "2499371235001", name="Empresa Cauce Nuevo S.A.S.", email="andres@cauce.example",
    ),
    Member(
        "extranjera", "Irina, consultora: representante extranjera con código", "Irina, a consultancy: a foreign representative with a code",
        "EXT2405718", "2499000092001", name="Consultora Mar Abierto S.A.", email="irina@mar.example", kind="company",
    ),
    Member(
        "correo_del_contador", "Carmen, florería: el correo es de su contador y vale para cinco", "Carmen, a florist: the e-mail is her accountant's and stands for five",
        "2454550035", "2499000106001", name="Florería Pétalo Cía. Ltda.", email=SHARED, ends="visit",
    ),
    Member(
        "no_existe", "Nadie: este empleador no existe", "Nobody: this employer does not exist",
        "2458107733", "2499000998001", exists=False, key_state="unknown", ends="correct_data",
    ),
)  # fmt: skip

NEIGHBOURS: tuple[Member, ...] = tuple(
    Member(
        f"vecino_{n}", "Otro cliente del mismo contador", "Another client of the same accountant",
        "2456544457", f"249900011{n}001", name=f"Cliente Inventado {n} S.A.", email=SHARED, ends="visit",
    )
    for n in range(1, 5)
)  # fmt: skip
"""Four more employers behind the accountant's address; nobody walks as one of them."""

WAITING: tuple[Member, ...] = (
    Member(
        "correo_nuevo", "Teresa, lavandería: su correo cambió hace doce días", "Teresa, a laundry: her e-mail changed twelve days ago",
        "2455730529", "2499000157001", name="Lavandería Nube Baja S.A.S.", email="teresa@nube.example",
        email_days=12, former="gerencia@nube.example", key="farol-niebla-remo-38", ends="wait",
    ),
)  # fmt: skip
"""Who shows the wait of a risky recovery (D13): online, after a day. Not in the machine-readable cast, whose ends are three."""


def by_id(name: str) -> Member:
    """A member of the cast."""
    return next(member for member in (*CAST, *WAITING) if member.id == name)
