"""A function in a process of its own: nothing before it has warmed a cache or taken memory.

`python -m tests.bench.fresh MODULE FUNCTION JSON` sets Django up, calls the function with the members of the
JSON object, and answers with JSON on standard output; a dataclass becomes an object.
"""

import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

CHECKOUT = Path(__file__).resolve().parent.parent.parent
_LONGEST = 600  # seconds; no single measurement takes this long


def call(module: str, function: str, **arguments: Any) -> Any:
    """What `function` of `module` returns for `arguments`, both of them JSON, in a process of its own.

    Raises subprocess.CalledProcessError when it fails and TimeoutExpired when it never ends.
    """
    command = [sys.executable, "-m", "tests.bench.fresh", module, function, json.dumps(arguments)]
    done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True, timeout=_LONGEST)
    return json.loads(done.stdout)


def main(module: str, function: str, arguments: str) -> None:
    """The process's own end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmony.settings")
    django.setup()
    answer = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    sys.stdout.write(json.dumps(answer, default=asdict))


if __name__ == "__main__":
    main(*sys.argv[1:])
