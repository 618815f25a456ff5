"""A local session of Spark, for tests of its engine."""

import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import oracles

__all__ = ["session"]

SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    # A plan is compiled for longer than it runs here.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
}


def session() -> Iterator[Any]:
    """For a fixture: it ends behind the tests. Spark's own modules warn about libraries that are newer than it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sql = oracles.module("pyspark.sql")
        if oracles.module("shutil").which("java") is None:
            oracles.missing("java", "it is not installed")
        os.environ["PYSPARK_PYTHON"] = sys.executable
        building = sql.SparkSession.builder.master("local[2]")
        for name, value in SETTINGS.items():
            building = building.config(name, value)
        one = building.getOrCreate()
        one.sparkContext.setLogLevel("ERROR")
        yield one
        one.stop()
