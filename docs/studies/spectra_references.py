"""Crystals of the powders in dara's mixtures, as the literature has them: not fitted to any pattern here."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

Cell = tuple[float, float, float, float, float, float]
Sites = list[tuple[str, tuple[float, float, float]]]

# space group, setting, cell in Å and degrees, sites; source
CRYSTALS: dict[str, tuple[int, int, Cell, Sites]] = {
    # Howard, Sabine and Dickson, Acta Cryst. B 47, 462 (1991)
    "TiO2 anatase": (141, 2, (3.7845, 3.7845, 9.5143, 90, 90, 90),
                     [("Ti", (0, 0.25, 0.375)), ("O", (0, 0.25, 0.1669))]),
    "TiO2 rutile": (136, 1, (4.5937, 4.5937, 2.9587, 90, 90, 90),
                    [("Ti", (0, 0, 0)), ("O", (0.3048, 0.3048, 0))]),
    # Kihara and Donnay, Canadian Mineralogist 23, 647 (1985)
    "ZnO": (186, 1, (3.2498, 3.2498, 5.2066, 90, 90, 120),
            [("Zn", (1 / 3, 2 / 3, 0)), ("O", (1 / 3, 2 / 3, 0.3821))]),
    # Sasaki, Fujino and Takeuchi, Proc. Japan Acad. B 55, 43 (1979)
    "NiO": (225, 1, (4.1780, 4.1780, 4.1780, 90, 90, 90), [("Ni", (0, 0, 0)), ("O", (0.5, 0.5, 0.5))]),
    # Howard, Hill and Reichert, Acta Cryst. B 44, 116 (1988)
    "ZrO2": (14, 1, (5.1505, 5.2116, 5.3173, 90, 99.230, 90),
             [("Zr", (0.2754, 0.0395, 0.2083)), ("O", (0.0700, 0.3317, 0.3447)),
              ("O", (0.4496, 0.7569, 0.4792))]),
    # Marezio, Acta Cryst. 20, 723 (1966)
    "In2O3": (206, 1, (10.117, 10.117, 10.117, 90, 90, 90),
              [("In", (0.25, 0.25, 0.25)), ("In", (0.4668, 0, 0.25)), ("O", (0.3905, 0.1529, 0.3832))]),
    # Beall, Milligan and Wolcott, J. Inorg. Nucl. Chem. 39, 65 (1977)
    "La(OH)3": (176, 1, (6.547, 6.547, 3.854, 90, 90, 120),
                [("La", (1 / 3, 2 / 3, 0.25)), ("O", (0.3876, 0.2796, 0.25)), ("H", (0.276, 0.142, 0.25))]),
    # Effenberger, Mereiter and Zemann, Z. Kristallogr. 156, 233 (1981)
    "MnCO3": (167, 1, (4.7682, 4.7682, 15.6354, 90, 90, 120),
              [("Mn", (0, 0, 0)), ("C", (0, 0, 0.25)), ("O", (0.2695, 0, 0.25))]),
    # Effenberger and Zemann, Z. Kristallogr. 150, 133 (1979)
    "Li2CO3": (15, 1, (8.3593, 4.9725, 6.1975, 90, 114.83, 90),
               [("Li", (0.1965, 0.4486, 0.8343)), ("C", (0, 0.0657, 0.25)), ("O", (0, 0.3216, 0.25)),
                ("O", (0.1459, -0.0661, 0.3126))]),
    # Enjalbert and Galy, Acta Cryst. C 42, 1467 (1986)
    "V2O5": (59, 2, (11.512, 3.564, 4.368, 90, 90, 90),
             [("V", (0.10118, 0.25, 0.8917)), ("O", (0.1043, 0.25, 0.531)), ("O", (0.9311, 0.25, 0.003)),
              ("O", (0.25, 0.25, 0.001))]),
    # Malmros, Acta Chem. Scand. 24, 384 (1970)
    "Bi2O3": (14, 1, (5.8496, 8.1648, 7.5101, 90, 113.00, 90),
              [("Bi", (0.5242, 0.1843, 0.3613)), ("Bi", (0.0409, 0.0425, 0.7762)),
               ("O", (0.7783, 0.3037, 0.7080)), ("O", (0.2337, 0.0467, 0.1266)),
               ("O", (0.2696, 0.0294, 0.5115))]),
}  # fmt: skip
ATOMS = {"TiO2 anatase": 12, "TiO2 rutile": 6, "ZnO": 4, "NiO": 8, "ZrO2": 12, "In2O3": 80,
         "La(OH)3": 14, "MnCO3": 30, "Li2CO3": 24, "V2O5": 14, "Bi2O3": 20}  # fmt: skip


def references() -> dict[str, Atoms]:
    """Every crystal by name."""
    made = {name: _crystal(*facts) for name, facts in CRYSTALS.items()}
    wrong = [name for name, atoms in made.items() if len(atoms) != ATOMS[name]]
    if wrong:
        raise ValueError(f"{wrong[0]} has {len(made[wrong[0]])} atoms, expected {ATOMS[wrong[0]]}")
    return made


def _crystal(group: int, setting: int, cell: Cell, sites: Sites) -> Atoms:
    return crystal(
        [symbol for symbol, _ in sites],
        basis=[place for _, place in sites],
        spacegroup=group,
        setting=setting,
        cellpar=cell,
    )
