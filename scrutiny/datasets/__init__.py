"""What each extract is, the codes it may hold by year, and readers from its files to Arrow tables."""

from scrutiny.datasets.code_sets import Authority, authority, client_level_data_release, code_set, worded
from scrutiny.datasets.csv_files import SourceFile
from scrutiny.datasets.dates import DATE_FORMS, DateForm
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.layouts import DATASETS, Column, Dataset, Layout, Table, dataset, layout
from scrutiny.datasets.names import collection_year_in
from scrutiny.datasets.reading import Description, describe, read, spreadsheet_column
from scrutiny.datasets.templates import write_template

__all__ = [
    "DATASETS",
    "DATE_FORMS",
    "Authority",
    "Column",
    "Dataset",
    "DateForm",
    "Description",
    "Layout",
    "SourceFile",
    "Table",
    "Unreadable",
    "authority",
    "client_level_data_release",
    "code_set",
    "collection_year_in",
    "dataset",
    "describe",
    "layout",
    "read",
    "spreadsheet_column",
    "worded",
    "write_template",
]
