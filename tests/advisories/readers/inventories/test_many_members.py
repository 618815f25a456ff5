"""An archive of a million members: all of them are passed, and the packages among them are listed."""

import io
import json
import subprocess
import sys
import tarfile

import pytest
from child_memory import PEAK

MEMBERS = 1_000_000
STATUS = b"Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n"
OS_RELEASE = b"ID=debian\nVERSION_ID=12\n"
# Writes members without content, each with another name, and the database as the last one.
WRITER = """
import sys
head, tail = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
at, name = head.index(b"0000000.txt"), b"%07d.txt"
plain = bytearray(head)
plain[148:156] = b" " * 8
for number in range(int(sys.argv[3])):
    plain[at:at + 11] = name % number
    header = bytearray(plain)
    header[148:156] = b"%06o\\0 " % sum(plain)
    sys.stdout.buffer.write(header)
sys.stdout.buffer.write(tail)
"""
READER = f"""
{PEAK}
import json, sys
from advisories.readers import inventories
found = inventories.read_stream(sys.stdin.buffer)
print(json.dumps([[one.name for one in found.packages], str(found.distribution), peak()]))
"""


def entry(name: str, data: bytes = b"") -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(data))
    return made.getvalue()[: 512 + -(-len(data) // 512) * 512]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts the pages of a process as Linux does")
def test_a_million_members() -> None:
    tail = entry("etc/os-release", OS_RELEASE) + entry("var/lib/dpkg/status", STATUS) + bytes(1024)
    command = [sys.executable, "-c", WRITER, entry("srv/0000000.txt").hex(), tail.hex(), str(MEMBERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        done = subprocess.run([sys.executable, "-c", READER], stdin=writer.stdout, capture_output=True, check=True)
    names, distribution, peak = json.loads(done.stdout)
    assert names == ["tool"]
    assert distribution == "debian 12"
    # A name and a place for each, and what Python needs.
    assert peak < 400_000_000
