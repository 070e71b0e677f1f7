"""Every example sentence in content/intents is understood; sentences nobody tuned for are understood nearly as well."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.tokenizer import build_tokenizer
from dialogs.intents.lexicon import Lexicon, parse_lexicon
from dialogs.intents.understander import Understander, words_of

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content"


class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A word given twice in one mapping would silently lose its first weight: refuse it."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        assert not twice, f"{node.start_mark}: given twice: {twice}"
        return super().construct_mapping(node, deep)


def read_catalogue() -> Mapping[str, list]:
    return yaml.load((CONTENT / "catalogue.yaml").read_text(encoding="utf-8"), Loader=StrictLoader)


def read_codes() -> list[str]:
    catalogue = read_catalogue()
    return [entry["code"] for group in ("services", "base_services", "others") for entry in catalogue[group]]


@cache
def read_lexicon() -> Lexicon:
    files = {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)
        for path in sorted((CONTENT / "intents").glob("*.yaml"))
    }
    lexicon = parse_lexicon(files, read_codes())
    assert isinstance(lexicon, Lexicon), "\n".join(map(str, lexicon))
    return lexicon


@cache
def build_understander() -> Understander:
    """Give one that goes by the rules alone: nothing learned helps it."""
    return Understander(read_lexicon(), build_tokenizer(words_of(read_lexicon())))


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon()


@pytest.fixture(scope="module")
def understander() -> Understander:
    return build_understander()


def measure(understander: Understander, cases: list[tuple[str, str]]) -> tuple[float, float, list[str]]:
    """Return the share right at first place, the share right among the first three, and the misses."""
    first, three, misses = 0, 0, []
    for expected, text in cases:
        got = understander.understand(text)
        best = [candidate.intent for candidate in got.candidates[:3]]
        first += got.intent == expected
        three += expected in best
        if got.intent != expected:
            misses.append(f"{text} -> {got.intent} {got.confidence:.2f}, not {expected}; {best}")
    return first / len(cases), three / len(cases), misses


def test_the_catalogue_holds_eight_butlers_33_services_and_nine_base_services_each_with_a_warm_line() -> None:
    catalogue = read_catalogue()
    assert [len(catalogue[group]) for group in ("butlers", "services", "base_services")] == [8, 33, 9]
    codes = read_codes()
    assert len(codes) == len(set(codes))
    butlers = {butler["code"] for butler in catalogue["butlers"]}
    assert {entry["butler"] for entry in catalogue["services"]} == butlers
    assert all(entry["code"].split(".")[0] == entry["butler"] for entry in catalogue["services"])
    entries = [entry for group in ("services", "base_services", "others") for entry in catalogue[group]]
    assert all(entry["label"] and entry["hint"] for entry in entries)


def test_the_mutual_fund_is_off_until_somebody_turns_it_on() -> None:
    off = [entry for entry in read_catalogue()["services"] if entry.get("enabled") is False]
    assert [(entry["code"], entry["note"]) for entry in off] == [("finance.mutual_fund", "consultation only")]


def test_every_code_has_its_language_and_twelve_examples(lexicon: Lexicon) -> None:
    assert lexicon.intents == set(read_codes())
    assert {code: len(texts) for code, texts in lexicon.examples.items() if len(texts) < 12} == {}
    assert len(lexicon.examples["none"]) >= 60


def test_the_examples_are_understood(lexicon: Lexicon, understander: Understander) -> None:
    cases = [(code, text) for code, texts in lexicon.examples.items() if code != "none" for text in texts]
    first, three, misses = measure(understander, cases)
    report = "\n".join([f"{len(cases)} examples: first {first:.1%}, among three {three:.1%}", *misses])
    assert first >= 0.97, report
    assert three >= 0.99, report


def test_chatter_adverts_and_gibberish_are_not_taken_for_a_wish(lexicon: Lexicon, understander: Understander) -> None:
    first, _, misses = measure(understander, [("none", text) for text in lexicon.examples["none"]])
    report = "\n".join([f"none: {first:.1%}", *misses])
    assert first >= 0.9, report


def test_sentences_of_other_writers_are_understood(understander: Understander) -> None:
    held_out = yaml.safe_load((Path(__file__).with_name("heldout_intents.yaml")).read_text(encoding="utf-8"))
    cases = [(code, text) for code, texts in held_out.items() for text in texts]
    first, three, misses = measure(understander, cases)
    report = "\n".join([f"{len(cases)} held out: first {first:.1%}, among three {three:.1%}", *misses])
    assert len(cases) >= 700
    assert first >= 0.95, report
    assert three >= 0.97, report
