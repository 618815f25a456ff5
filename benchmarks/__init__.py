"""How fast the orders are: on real version strings, as ratios against named peers measured in the same run.

``python -m benchmarks.report``
    measures everything and writes ``docs/benchmarks.md``
``python -m pytest benchmarks``
    runs the same works under pytest-benchmark
``python -m benchmarks.intervals``
    measures and prints the part on ``IntervalIndex`` alone
``python -m benchmarks.flavours``
    compares the abi3 build with the normal one
"""
