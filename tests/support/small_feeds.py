"""A small document of each format for a distribution of your choice, in the shape that its publisher has."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any, Final

from publisher import zipped

__all__ = [
    "csaf",
    "debian_tracker",
    "of_nvd",
    "osv_archive",
    "osv_index",
    "osv_record",
    "oval",
    "red_hat",
    "repomd",
    "secdb",
    "tar_gz",
    "updateinfo",
]

#: What a publisher has, by address.
Shape = Mapping[str, bytes]
#: The years that NVD has files of.
YEARS: Final = range(2002, 2027)
#: The date of what has no date of its own.
DATE: Final = "2024-06-01T00:00:00Z"


def osv_record(id: str, ecosystem: str, *, package: str = "bash", modified: str = DATE, fixed: str = "5.1.8-6") -> Any:
    """A record of OSV as Python has it."""
    return {
        "id": id,
        "modified": modified,
        "published": DATE,
        "related": [f"CVE-{id[-9:].replace(':', '-')}"],
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }


def osv_archive(records: list[Any]) -> bytes:
    """``all.zip``."""
    return zipped({f"{one['id']}.json": json.dumps(one).encode() for one in records})


def osv_index(records: list[Any]) -> bytes:
    """``modified_id.csv``: the ids, those that were changed last in front."""
    found = sorted(records, key=lambda one: (one["modified"], one["id"]), reverse=True)
    return "".join(f"{one['modified']},{one['id']}\n" for one in found).encode()


def secdb(branch: str, repository: str, name: str = "bash", version: str = "5.2.21-r0") -> bytes:
    """A repository of Alpine's, for ``v3.19``. Wolfi's and Chainguard's are ``os`` and have no branch."""
    packages = [{"pkg": {"name": name, "secfixes": {version: ["CVE-2024-1000"]}}}]
    urls = {"os": "https://packages.wolfi.dev", "chainguard": "https://packages.cgr.dev"}
    head = {
        "apkurl": "{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "archs": ["x86_64"],
        "reponame": repository,
        "urlprefix": urls.get(repository, "https://dl-cdn.alpinelinux.org/alpine"),
    }
    return json.dumps({**head, **({"distroversion": branch} if branch else {}), "packages": packages}).encode()


def debian_tracker(version: str = "5.2.15-2") -> bytes:
    """Debian's tracker, with one package."""
    release = {"status": "resolved", "repositories": {"bookworm": version}, "fixed_version": version, "urgency": "low"}
    return json.dumps({"bash": {"CVE-2024-1000": {"scope": "local", "releases": {"bookworm": release}}}}).encode()


def updateinfo(id: str, collection: str, *, sender: str = "updates@example.org", release: str = "1.el9") -> bytes:
    """An ``updateinfo.xml`` with one update."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<updates><update from="{sender}" status="final" type="security" version="1">
<id>{id}</id><title>{id}: bash</title><issued date="2024-06-01 00:00:00"/><severity>Important</severity>
<references><reference href="https://example.org" id="CVE-2024-1000" type="cve"/></references>
<pkglist><collection short="{collection}"><name>{collection}</name>
<package name="bash" version="5.1" release="{release}" epoch="0" arch="x86_64">
<filename>bash-5.1-{release}.x86_64.rpm</filename></package>
</collection></pkglist></update></updates>
""".encode()


def repomd(href: str, sha256: str, size: int) -> bytes:
    """A ``repomd.xml`` that names an ``updateinfo``."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>
<data type="primary"><checksum type="sha256">{"0" * 64}</checksum><location href="repodata/primary.xml.gz"/></data>
<data type="updateinfo"><checksum type="sha256">{sha256}</checksum>
<location href="{href}"/><timestamp>1</timestamp><size>{size}</size></data></repomd>
""".encode()


def oval(platform: str, evr: str, *, kind: str = "rpminfo", fact: str = "", definition: str = "CVE-2024-1000") -> bytes:
    """OVAL with one definition: bash of a platform below a version.

    :param fact: the release package that shows the platform, and its version. Without it the definition does.
    """
    name = f"{kind}_test"
    installed = f'<criterion comment="{platform} is installed" test_ref="t:1"/>' if fact else ""
    release, version = fact.split(" ") if fact else ("", "")
    first = (
        f'<{name} check="at least one" id="t:1"><object object_ref="o:1"/><state state_ref="s:1"/></{name}>',
        f'<{kind}_object id="o:1"><name>{release}</name></{kind}_object>',
        f'<{kind}_state id="s:1"><version operation="equals">{version}</version></{kind}_state>',
    ) if fact else ("", "", "")  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions>
<definition id="d:1" class="vulnerability"><metadata><title>{definition}</title>
<affected family="unix"><platform>{platform}</platform></affected>
<reference ref_id="CVE-2024-1000" source="CVE"/></metadata><criteria operator="AND">{installed}
<criterion comment="bash is earlier than {evr}" test_ref="t:2"/></criteria></definition>
</definitions><tests>{first[0]}
<{name} check="at least one" id="t:2"><object object_ref="o:2"/><state state_ref="s:2"/></{name}></tests>
<objects>{first[1]}<{kind}_object id="o:2"><name>bash</name></{kind}_object></objects>
<states>{first[2]}<{kind}_state id="s:2"><evr operation="less than">{evr}</evr></{kind}_state></states>
</oval_definitions>
""".encode()


def csaf(
    id: str, *, release: str = "9", version: str = "5.1.8-6.el9", date: str = "2024-06-01T00:00:00+00:00"
) -> bytes:
    """A security advisory of Red Hat's as CSAF."""
    product, build = f"BaseOS-{release}", f"bash-0:{version}.x86_64"
    cpe = f"cpe:/o:redhat:enterprise_linux:{release}::baseos"
    purl = f"pkg:rpm/redhat/bash@{version}?arch=x86_64"
    branches = [
        {"category": "product_name", "name": product, "product": {"name": product, "product_id": product,
         "product_identification_helper": {"cpe": cpe}}},
        {"category": "product_version", "name": build, "product": {"name": build, "product_id": build,
         "product_identification_helper": {"purl": purl}}},
    ]  # fmt: skip
    whole = f"{product}:{build}"
    tracking = {
        "id": id, "initial_release_date": date, "current_release_date": date, "status": "final", "version": "1",
        "revision_history": [],
    }  # fmt: skip
    document = {
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": id, "tracking": tracking,
            "publisher": {"category": "vendor", "name": "Red Hat Product Security",
                          "namespace": "https://www.redhat.com"},
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Red Hat", "branches": branches}],
            "relationships": [{"category": "default_component_of", "full_product_name": {"name": whole,
                               "product_id": whole}, "product_reference": build,
                               "relates_to_product_reference": product}],
        },
        "vulnerabilities": [{"cve": f"CVE-2024-{id[-4:]}", "product_status": {"fixed": [whole]}}],
    }  # fmt: skip
    return json.dumps(document).encode()


def tar_gz(members: Mapping[str, bytes]) -> bytes:
    """A tar archive of these members, packed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def red_hat(folder: str, *, packed: str = "gz") -> Shape:
    """A folder of CSAF with three advisories, as Red Hat has it.

    :param packed: how its archive is: ``gz``, or ``zst`` as Red Hat has it.
    """
    base = f"https://security.access.redhat.com/data/csaf/v2/{folder}/"
    archive = f"csaf_{folder}_2024-06-02.tar.{packed}"
    data = tar_gz({f"2024/rhsa-2024_{number:04}.json": csaf(f"RHSA-2024:{number:04}") for number in range(3)})
    if packed == "zst":
        import zstandard

        data = zstandard.ZstdCompressor().compress(gzip.decompress(data))
    dates = "".join(
        f'"2024/rhsa-2024_{number:04}.json","2024-05-0{number + 1}T00:00:00+00:00"\n' for number in range(3)
    )
    return {
        f"{base}archive_latest.txt": archive.encode(),
        f"{base}{archive}": data,
        f"{base}{archive}.sha256": f"{hashlib.sha256(data).hexdigest()}  {archive}\n".encode(),
        f"{base}changes.csv": dates.encode(),
        f"{base}deletions.csv": b'"2020/rhsa-2020_0001.json","2021-01-01T00:00:00+00:00"\n',
    }


def of_nvd(document: bytes) -> Shape:
    """NVD's files, each with this document, and what they are checked by."""
    base = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-"
    meta = f"lastModifiedDate:2026-11-29T03:00:00-05:00\r\nsha256:{hashlib.sha256(document).hexdigest().upper()}\r\n"
    found: dict[str, bytes] = {}
    for year in (*YEARS, "modified"):
        found[f"{base}{year}.json.gz"] = gzip.compress(document)
        found[f"{base}{year}.meta"] = meta.encode()
    return found
