"""Made-up files in the SRI's format, as large as one likes: `python scripts/made_catastro.py ROWS FILE`."""

import sys
from math import gcd
from pathlib import Path

HEADER = (
    "NUMERO_RUC|RAZON_SOCIAL|CODIGO_JURISDICCION|ESTADO_CONTRIBUYENTE|CLASE_CONTRIBUYENTE|FECHA_INICIO_ACTIVIDADES|"
    "FECHA_ACTUALIZACION|FECHA_SUSPENSION_DEFINITIVA|FECHA_REINICIO_ACTIVIDADES|OBLIGADO|TIPO_CONTRIBUYENTE|"
    "NUMERO_ESTABLECIMIENTO|NOMBRE_FANTASIA_COMERCIAL|ESTADO_ESTABLECIMIENTO|DESCRIPCION_PROVINCIA_EST|"
    "DESCRIPCION_CANTON_EST|DESCRIPCION_PARROQUIA_EST|CODIGO_CIIU|ACTIVIDAD_ECONOMICA|AGENTE_RETENCION|ESPECIAL\n"
)
STATES = ("ACTIVO", "ACTIVO", "ACTIVO", "SUSPENDIDO", "PASIVO")


def line(number: int) -> str:
    """Row `number`: every third RUC has two establishments; two of three are natural persons."""
    ruc = number * 2 // 3
    kind = "SOCIEDAD" if ruc % 3 == 0 else "PERSONA NATURAL"
    return (
        f"2{4 if kind == 'SOCIEDAD' else 3}9{ruc:07}001|EMPLEADOR INVENTADO NUMERO {ruc}|INVENTADA|{STATES[ruc % 5]}|GEN|"
        f"2015-03-{ruc % 28 + 1:02} 00:00:00|2026-10-{ruc % 31 + 1:02} 00:00:00|||N|{kind}|{number % 3 + 1}|LOCAL {ruc}|ABI|"
        f"VILLA INVENTADA|CANTON {ruc % 9}|PARROQUIA {ruc % 40}|G4711{ruc % 90:02}|VENTA AL POR MENOR DE COSAS INVENTADAS|N|N\n"
    )


def write_rows(path: Path, rows: int) -> None:
    """`rows` lines in no order, as the SRI's are: the establishments of a RUC stand far apart."""
    step = next(step for step in range(max(7, rows * 5 // 8), 2 * rows + 8) if gcd(step, rows) == 1)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(line(number * step % rows) for number in range(rows))


if __name__ == "__main__":
    write_rows(Path(sys.argv[2]), int(sys.argv[1]))
