from __future__ import annotations

import re
import signal
import subprocess
import sys

import requests


def test_it_runs_alone_on_a_port_and_leaves_when_asked(tmp_path, webhook):
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--webhook", webhook.url, "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline()).group()
            people = requests.get(f"{address}api/people", timeout=60).json()["people"]
            assert any(person["openid"] == "oDEMO_zhang" for person in people)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
