"""Fleets on engines of tables: packages of all hosts as rows, findings and what nobody could check as rows.

:mod:`advisories.engines.columns` has the columns, :mod:`advisories.engines.export` a store as Parquet,
:mod:`advisories.engines.duckdb` and :mod:`advisories.engines.spark` an engine each. Nothing is imported here.
"""
