"""Which view shows which sort of target."""

from __future__ import annotations

from structkit.evaluation.atom_classes import AtomClasses
from structkit.evaluation.atom_numbers import AtomNumbers
from structkit.evaluation.classes import Classes
from structkit.evaluation.numbers import Numbers
from structkit.evaluation.target import Target
from structkit_html_report.atom_number_view import AtomNumberView
from structkit_html_report.atom_view import AtomView
from structkit_html_report.class_view import ClassView
from structkit_html_report.number_view import NumberView
from structkit_html_report.view import View

VIEWS: dict[type, type[View]] = {
    Classes: ClassView,
    Numbers: NumberView,
    AtomClasses: AtomView,
    AtomNumbers: AtomNumberView,
}


def view_of(target: Target) -> View:
    """The view of a target; of a sort that the report does not know, headlines alone."""
    known = [VIEWS[sort] for sort in type(target).__mro__ if sort in VIEWS]
    return (known or [View])[0]()
