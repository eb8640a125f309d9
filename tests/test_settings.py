"""Settings: variables, the file, what is refused and how it is said."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import settings
from api.limits import Rate
from api.settings import SETTINGS, Invalid, Settings, environment, read

RATES = st.builds(Rate, st.integers(1, 1_000_000), st.sampled_from([1, 60, 3_600, 86_400]))
ANY = st.builds(
    Settings,
    data=st.sampled_from([Path("/srv/plans"), Path("/srv/a folder/计划")]),
    origins=st.sampled_from([("*",), ("https://a.example", "http://localhost:3000")]),
    proxies=st.sampled_from([(), ("10.0.0.1",), ("10.0.0.0/8", "2001:db8::/32", "::1")]),
    threads=st.integers(1, 64),
    exports=st.integers(1, 64),
    memory_mb=st.integers(64, 1_048_576),
    cache_mb=st.integers(0, 65_536),
    max_age=st.integers(0, 86_400),
    public_rate=RATES,
    key_rate=RATES,
    metadata_rate=RATES,
    metadata_key_rate=RATES,
    export_rate=RATES,
    log=st.sampled_from(["requests", "errors"]),
    metrics=st.booleans(),
)


def variables(**texts: str) -> dict[str, str]:
    return {f"PLAN_INDICATORS_{name.upper()}": text for name, text in texts.items()}


def file(folder: Path, text: str | bytes) -> dict[str, str]:
    """The variables under which a settings file of this text, in the data folder, is read."""
    (folder / "settings.toml").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return variables(data=str(folder))


def refusal(environment: dict[str, str]) -> str:
    with pytest.raises(Invalid) as caught:
        read(environment)
    message = str(caught.value)
    assert message.isprintable(), "one line"
    assert len(message) < 1_000
    return message


def test_the_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(settings) == (0, 2)


def test_without_a_variable_or_a_file_the_defaults_hold() -> None:
    assert read({}) == Settings()
    assert str(Settings().public_rate) == "600/minute"
    assert str(Settings().key_rate) == "6000/minute"
    assert str(Settings().metadata_rate) == "600/minute"
    assert str(Settings().metadata_key_rate) == "6000/minute"
    assert str(Settings().export_rate) == "120/minute"
    assert Settings().threads == min(os.cpu_count() or 2, 64)
    assert (Settings().cache_mb, Settings().max_age, Settings().exports, Settings().memory_mb) == (64, 60, 8, 1024)
    assert (Settings().log, Settings().metrics, Settings().proxies) == ("requests", True, ())


def test_every_field_is_a_line_of_the_table_and_its_default_can_be_written() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in msgspec.structs.fields(Settings)]
    for setting in SETTINGS:
        assert setting.parse(environment(Settings())[setting.variable]) is not None
        assert "\n" not in setting.about + setting.allowed
        assert len(setting.about) < 100


@given(ANY)
def test_worker_processes_get_every_setting(chosen: Settings) -> None:
    assert read(environment(chosen)) == chosen


def test_a_relative_folder_stays_the_same_for_worker_processes() -> None:
    assert read(environment(Settings(data=Path("var")))).data == Path("var").absolute()


def test_worker_processes_do_not_read_the_file_again(tmp_path: Path) -> None:
    chosen = read(file(tmp_path, "threads = 3"))
    (tmp_path / "settings.toml").write_text("broken", "utf-8")
    assert read(environment(chosen)) == chosen


def test_the_file_in_the_data_folder_is_read(tmp_path: Path) -> None:
    chosen = read(
        file(
            tmp_path,
            """
            public_rate = "30/second"
            origins = ["https://a.example", "https://b.example"]
            proxies = "10.0.0.0/8 ::1"
            threads = 3
            metrics = false
            log = "errors"
            """,
        )
    )
    assert chosen == Settings(
        data=tmp_path,
        public_rate=Rate(30, 1),
        origins=("https://a.example", "https://b.example"),
        proxies=("10.0.0.0/8", "::1"),
        threads=3,
        metrics=False,
        log="errors",
    )


def test_the_named_file_is_read_in_place_of_the_one_in_the_data_folder(tmp_path: Path) -> None:
    inside = file(tmp_path, "threads = 3")
    other = tmp_path / "other.toml"
    other.write_text("exports = 4", "utf-8")
    chosen = read(inside | variables(settings=str(other)))
    assert (chosen.exports, chosen.threads) == (4, Settings().threads)


def test_an_empty_name_means_no_file(tmp_path: Path) -> None:
    assert read(file(tmp_path, "threads = 3") | variables(settings="")).threads == Settings().threads


def test_variables_win_over_the_file_and_flags_over_both(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    given = file(one, "threads = 3\nexports = 3") | variables(threads="5")
    assert (read(given).threads, read(given).exports) == (5, 3)
    file(two, "exports = 9")
    assert (read(given, data=two).data, read(given, data=two).exports) == (two, 9)


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("data", "", "the path of a folder"),
        ("data", "a\0b", "the path of a folder"),
        ("origins", "", "origins like https://example.org"),
        ("origins", "example.org", "origins like https://example.org"),
        ("origins", "https://a.example/path", "origins like https://example.org"),
        ("origins", "* https://a.example", "origins like https://example.org"),
        ("origins", "https://a.example " * 101, "up to 100 origins"),
        ("proxies", "10.0.0.1/8", "networks or addresses like 10.0.0.0/8"),
        ("proxies", "proxy.example", "networks or addresses like 10.0.0.0/8"),
        ("proxies", "10.0.0.0/8,::1", "with spaces between them"),
        ("proxies", "fe80::1%eth0", "networks or addresses like 10.0.0.0/8"),
        ("proxies", "::1 " * 101, "up to 100 networks"),
        ("threads", "0", "a whole number from 1 to 64"),
        ("threads", "65", "a whole number from 1 to 64"),
        ("threads", "", "a whole number from 1 to 64"),
        ("threads", "２", "a whole number from 1 to 64"),
        ("threads", "2\n", "a whole number from 1 to 64"),
        ("threads", "9" * 5_000, "a whole number from 1 to 64"),
        ("exports", "65", "a whole number from 1 to 64"),
        ("memory_mb", "63", "a whole number from 64 to 1048576"),
        ("cache_mb", "-1", "a whole number from 0 to 65536"),
        ("max_age", "86401", "a whole number from 0 to 86400"),
        ("public_rate", "600", "a rate like 600/minute"),
        ("key_rate", "0/minute", "1 to 1,000,000 in one second or minute or hour or day"),
        ("export_rate", "10/week", "a rate like 600/minute"),
        ("log", "all", "requests or errors"),
        ("metrics", "yes", "on or off"),
    ],
)
def test_a_variable_that_is_not_allowed_is_named_with_what_is(name: str, text: str, allowed: str) -> None:
    message = refusal(variables(settings="") | variables(**{name: text}))
    assert message.startswith(f"PLAN_INDICATORS_{name.upper()} is '")
    assert message.endswith(" is allowed")
    assert allowed in message


@pytest.mark.parametrize(
    ("text", "setting", "allowed"),
    [
        ("threads = '3'", "threads is '3'", "a plain number (a whole number from 1 to 64)"),
        ("threads = 3.0", "threads is 3.0", "a plain number"),
        ("threads = true", "threads is True", "a plain number"),
        ("threads = 0", "threads is '0'", "a whole number from 1 to 64"),
        ("threads = -1", "threads is '-1'", "a whole number from 1 to 64"),
        ("[threads]\na = 1", "threads is {'a': 1}", "a plain number"),
        ("public_rate = 600", "public_rate is 600", "a text in quotation marks (a rate like 600/minute"),
        ("public_rate = '600/week'", "public_rate is '600/week'", "a rate like 600/minute"),
        ("origins = []", "origins is ''", "origins like https://example.org"),
        ("origins = [1]", "origins is [1]", "a text in quotation marks or a list of texts"),
        ("origins = ['https://a.example https://b.example']", "origins is [", "a list of texts"),
        ("origins = ['https://a.example', '']", "origins is [", "a list of texts"),
        ("proxies = ['10.0.0.0/8', 'x']", "proxies is '10.0.0.0/8 x'", "networks or addresses"),
        ("metrics = 'maybe'", "metrics is 'maybe'", "on or off"),
        ("metrics = 1", "metrics is 1", "a text in quotation marks or true or false"),
        ("log = 2020-01-01", "log is datetime.date(2020, 1, 1)", "requests or errors"),
        ("data = '/srv'", "data cannot be set in the file", "PLAN_INDICATORS_DATA or --data is allowed"),
        ("thread = 3", "thread is no setting of plan-indicators; the nearest is threads", "allowed are origins"),
        ("x = 3", "x is no setting of plan-indicators; allowed are origins", "metrics"),
        ('"a\\nb" = 3', "'a\\nb' is no setting of plan-indicators", "metrics"),
        (f"{'a' * 9_000} = 3", "is no setting of plan-indicators", "metrics"),
        ("threads = 3\nthreads = 4\n", "not TOML: Cannot overwrite a value (at line 2, column 12)", ""),
        ("threads", "not TOML: Expected '='", "at end of document"),
        (f"x = {'[' * 30_000}", "not TOML: nested too deep", ""),
        (f"threads = {'9' * 9_000}", "not TOML", ""),
        (b"threads = 3 # \xff", "not UTF-8 at byte 14", "a TOML file of settings is allowed"),
        (b"#" * 65_537, "too large", "at most 64 kB is allowed"),
    ],
)
def test_a_fault_of_the_file_is_said_with_file_setting_and_what_is_allowed(
    tmp_path: Path, text: str | bytes, setting: str, allowed: str
) -> None:
    message = refusal(file(tmp_path, text))
    assert message.startswith(f"{tmp_path / 'settings.toml'}: ")
    assert setting in message
    assert allowed in message


def test_a_file_of_64_kb_is_read(tmp_path: Path) -> None:
    assert read(file(tmp_path, b"threads = 3\n".ljust(65_536, b"#"))).threads == 3


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "no.toml: cannot be read: No such file" in refusal(variables(settings=str(tmp_path / "no.toml")))
    assert "not a file" in refusal(variables(settings=str(tmp_path)))
    assert "not TOML" in refusal(variables(settings="a\0b"))
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refusal(variables(settings=str(tmp_path / "pipe")))
    (tmp_path / "settings.toml").symlink_to(tmp_path / "gone")
    assert "settings.toml: cannot be read: No such file" in refusal(variables(data=str(tmp_path)))


def test_an_unknown_variable_of_the_family_is_refused_with_the_nearest() -> None:
    message = refusal(variables(thread="3"))
    assert message.startswith("PLAN_INDICATORS_THREAD is no variable of plan-indicators; ")
    assert "the nearest is PLAN_INDICATORS_THREADS;" in message
    assert "the nearest" not in refusal(variables(quite_another_thing="3"))
    assert "PLAN_INDICATORS_EXPORT_RATE" in refusal(variables(zzz="3"))


def test_variables_of_others_are_not_looked_at() -> None:
    assert read(variables(corpus="/x") | {"PATH": "", "PLAN": "1", "plan_indicators_threads": "9"}) == Settings()


def test_help_and_table_tell_every_setting_with_its_default() -> None:
    lines, rows = settings.described(), settings.table().splitlines()
    assert max(map(len, lines)) <= 110
    assert len(rows) == len(SETTINGS) + 2
    assert len({row.count("|") for row in rows}) == 1
    for setting, row in zip(SETTINGS, rows[2:], strict=True):
        default = setting.default or environment(Settings())[setting.variable]
        assert f"`{setting.variable}`" in row
        assert default in row
        start = next(place for place, line in enumerate(lines) if line.split()[0] == setting.variable)
        told = " ".join(" ".join(lines[start : start + 5]).split())
        assert f"{setting.about}; {setting.allowed}; default {default}" in told
