"""Say what is measured: the real data is no part of the repository, and peers may be missing."""

from benchmarks import floor, peers, records


def pytest_report_header() -> list[str]:
    data = "real archives" if records.DATA.is_dir() else "no real archives here, so what the repository holds"
    found = ", ".join(f"{name} {version}" for name, version in peers.versions().items())
    return [f"vercmp benchmarks: {floor.flavour_of_core()} build; {data}", f"peers: {found or 'none'}"]
