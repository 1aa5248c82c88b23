"""The report of a run: one HTML file with its scores, pictures and explanations."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_html_report.figures import structure_picture
    from structkit_html_report.page import write_report

__all__ = ["structure_picture", "write_report"]
__getattr__ = exports(__name__, structure_picture="figures", write_report="page")
