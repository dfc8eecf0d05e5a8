"""Reads `cargo metadata` and fails if a dependency (development ones aside) asks for a newer Rust than this package declares."""

import json
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
dependencies = {
    node["id"]: [dep["pkg"] for dep in node["deps"] if any(kind["kind"] in (None, "build") for kind in dep["dep_kinds"])]
    for node in metadata["resolve"]["nodes"]
}


def version(text):
    return tuple(int(part) for part in (text or "0").split(".")) + (0,) * (3 - len((text or "0").split(".")))


root = metadata["resolve"]["root"]
declared = packages[root]["rust_version"]
seen, waiting, newer = set(), [root], []
while waiting:
    package = waiting.pop()
    if package in seen:
        continue
    seen.add(package)
    waiting.extend(dependencies[package])
    if version(packages[package]["rust_version"]) > version(declared):
        newer.append(f"{packages[package]['name']} {packages[package]['version']} needs {packages[package]['rust_version']}")
print(f"{len(seen)} packages looked at, declared rust-version {declared}")
if newer:
    sys.exit("\n".join(newer))
