"""The scrutiny page, workbook and tables of a quarter, made from its frozen figures."""
