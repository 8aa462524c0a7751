"""Let Camunda's own worker for Node.js work for a running office: `python -m tests.clients.check`, after `npm ci`.

It is no part of pytest, which needs no Node.js.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from app.demo.users import PASSWORD
from tests.databases import fill
from tests.engine_rest.camunda import give_work, live
from tests.office import Clock, running_office

HERE = Path(__file__).parent


def main() -> int:
    """Return 0 if the worker saw and did what it should have."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/office.db"
        fill(url)
        with running_office(url, Clock()) as office, live(office) as address:
            office.hire("mesin", permissions=("work@disnaker",))
            task_id = give_work(office, office.start(business_key="IKU-1")["id"], "surat")
            command = ["node", "worker.mjs", address, "mesin", PASSWORD]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60, check=False)
    print(done.stdout, done.stderr, sep="", end="")
    if done.returncode:
        return done.returncode
    seen = json.loads(done.stdout)
    first, second = seen["tasks"]
    expected = {
        "the same task twice": {first["id"], second["id"]} == {task_id},
        "its instance's business key": first["businessKey"] == "IKU-1",
        "a variable as a number": first["variables"]["tahun"] == 2027,
        "the properties of its element": first["extensionProperties"]["waktu"] == "PT10M",
        "what it reported of its failure": (second["retries"], second["errorMessage"]) == (1, "mati"),
        "that its acts succeeded": seen["events"] == ["extendLock", "handleFailure", "extendLock", "unlock"],
    }
    missed = [what for what, is_so in expected.items() if not is_so]
    for what in missed:
        print(f"The worker did not see {what}.")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
