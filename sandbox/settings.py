"""What a sandbox is told when it starts. It reads no environment and no file of the project."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

DEMO_DIR = Path(__file__).parent / "demo"

Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True, kw_only=True)
class SandboxConfig:
    """The Official Account as both sides know it, and how patient the platform is.

    `redeliver_after_seconds` is both how long the platform waits for an answer and how long after a delivery began
    the next one begins; `deliveries` counts the first one in. `template_ids` maps a name to a template id.
    """

    data_dir: Path
    webhook_url: str
    account: str
    app_id: str
    app_secret: str
    token: str
    aes_key: str
    mode: Mode = "safe"
    redeliver_after_seconds: float = 5.0
    deliveries: int = 3
    window_messages: int = 5
    template_ids: dict[str, str] = field(default_factory=dict)
    token_seconds: int = 7200
    account_name: str = "邻里管家"
    people_dir: Path = DEMO_DIR
