"""A bundle that desktop assistants install with one click (.mcpb): the wheel, and how to start it with uv."""

import json
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

PROGRAM = """\
import sys

from intercom_kit.cli import main

main(["mcp", *sys.argv[1:]])
"""

PROJECT = """\
[project]
name = "intercom-kit-bundle"
version = "{version}"
requires-python = "{python}"
dependencies = ["intercom_kit[mcp]"]

[tool.uv]
package = false
constraint-dependencies = [
{constraints}
]

[tool.uv.sources]
intercom_kit = {{ path = "{wheel}" }}
"""


def bundle(source: Path, wheel: Path) -> Path:
    """Write the bundle beside the wheel, and return it; its versions of libraries are those that the tests run with."""
    told = json.loads((source / "server.json").read_text(encoding="utf-8"))
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (source / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = "\n".join(f'  "{line}",' for line in lines if not line.startswith("#"))
    parts = {
        "manifest.json": json.dumps(manifest(told, project), indent=2, ensure_ascii=False),
        "pyproject.toml": PROJECT.format(
            version=project["version"], python=project["requires-python"], constraints=pins, wheel=wheel.name
        ),
        "server.py": PROGRAM,
        "LICENSE": (source / "LICENSE").read_text(encoding="utf-8"),
    }
    path = wheel.with_name(f"intercom_kit-{project['version']}.mcpb")
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
        packed.write(wheel, wheel.name)
    return path


def manifest(told: dict[str, Any], project: dict[str, Any]) -> dict[str, Any]:
    """Return what the bundle says of itself, from what server.json says to registries."""
    variables = told["packages"][0]["environmentVariables"]
    return {
        "manifest_version": "0.4",
        "name": project["name"],
        "display_name": told["title"],
        "version": project["version"],
        "description": told["description"],
        "author": {"name": "the intercom_kit authors"},
        "license": project["license"],
        "keywords": project["keywords"],
        "server": {
            "type": "uv",
            "entry_point": "server.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--quiet", "--directory", "${__dirname}", "server.py"],
                "env": {each["name"]: f"${{user_config.{_setting(each)}}}" for each in variables},
            },
        },
        "tools_generated": True,
        "prompts_generated": True,
        "compatibility": {"runtimes": {"python": project["requires-python"]}},
        "user_config": {_setting(each): _asked(each) for each in variables},
    }


def _setting(variable: dict[str, Any]) -> str:
    return str(variable["name"]).removeprefix("INTERCOM_").lower()


def _asked(variable: dict[str, Any]) -> dict[str, Any]:
    """Return the field in which a user gives what an environment variable holds."""
    choices = f" ({', '.join(variable['choices'])})" if "choices" in variable else ""
    return {
        "type": "string",
        "title": _setting(variable).replace("_", " ").capitalize(),
        "description": f"{variable['description']}{choices}.",
        "required": variable["isRequired"],
        "default": variable.get("default", ""),
        "sensitive": variable.get("isSecret", False),
    }
