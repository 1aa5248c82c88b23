"""Powder patterns as an instrument measures them: simulated, read, recognised, explained, taken apart."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_powder_spectra.classifier import SpectrumCnn
    from structkit_powder_spectra.fractions_model import PhaseFractions
    from structkit_powder_spectra.instrument import Instrument
    from structkit_powder_spectra.maps import SpectrumMaps
    from structkit_powder_spectra.mixing import CommonPhases, SimulatedMixtures
    from structkit_powder_spectra.mixture import PhaseAnalysis
    from structkit_powder_spectra.pair_distribution import PairDistribution
    from structkit_powder_spectra.pattern import PowderXrd
    from structkit_powder_spectra.source import SpectrumFiles
    from structkit_powder_spectra.tidy import TidySpectrum

__all__ = [
    "CommonPhases",
    "Instrument",
    "PairDistribution",
    "PhaseAnalysis",
    "PhaseFractions",
    "PowderXrd",
    "SimulatedMixtures",
    "SpectrumCnn",
    "SpectrumFiles",
    "SpectrumMaps",
    "TidySpectrum",
]
__getattr__ = exports(
    __name__,
    CommonPhases="mixing",
    Instrument="instrument",
    PairDistribution="pair_distribution",
    PhaseAnalysis="mixture",
    PhaseFractions="fractions_model",
    PowderXrd="pattern",
    SimulatedMixtures="mixing",
    SpectrumCnn="classifier",
    SpectrumFiles="source",
    SpectrumMaps="maps",
    TidySpectrum="tidy",
)
