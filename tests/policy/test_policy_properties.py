"""Whatever the files hold: nothing raises, opt-outs only add up, projects only restrict."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry_sdk.policy import CLAUDE_CODE, HostChoices, Policy, resolve_policy

ALL = ("metrics", "errors", "bug_reports")
LAYERS = ("managed", "user", "project", "local")
SWITCHES = tuple(row.variable for row in CLAUDE_CODE.switches)
PROVIDERS = tuple(row.variable for row in CLAUDE_CODE.providers)
OTHERS = ("TELEMETRY_SDK_STATSIG_URL", "TELEMETRY_SDK_STATE_DIR", "HTTPS_PROXY", "PATH", "", "disable_telemetry")

FUZZ = settings(max_examples=settings().max_examples * 3 // 2)  # 150; fewer with the profile `fast`

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.sampled_from(["", "1", "0", "true", "false", None, True, False, 0, 1, "x"]) | scalars
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
variables = st.dictionaries(
    st.sampled_from((*SWITCHES, *PROVIDERS, *OTHERS)) | st.text(max_size=5), values | anything, max_size=6
)
documents = st.fixed_dictionaries(
    {}, optional={"env": variables | anything, "cleanupPeriodDays": values, "x": anything}
)
contents = (
    documents.map(lambda value: json.dumps(value).encode())
    | anything.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.none()
)
worlds = st.fixed_dictionaries(dict.fromkeys(LAYERS, contents))
environs = st.dictionaries(
    st.sampled_from((*SWITCHES, *PROVIDERS)), st.sampled_from(["", "1", "0", "x", " "]) | st.text(max_size=4)
)
hosts = st.builds(
    HostChoices,
    off=st.lists(st.sampled_from(("metrics", "errors", "bug_reports")), max_size=2).map(tuple),
    lift_provider_default=st.dictionaries(
        st.sampled_from(("bedrock", "vertex", "moon")),
        st.lists(st.sampled_from(ALL), max_size=3).map(tuple),
        max_size=3,
    ),
    retention_days=st.none() | st.integers(-1, 400),
)


def resolve(files: dict[str, bytes | None], environ: dict[str, str], host: HostChoices | None = None) -> Policy:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        project = root / "home" / "project"
        (project / ".claude").mkdir(parents=True)
        (root / "home" / ".claude").mkdir()
        paths = {
            "managed": root / "managed.json",
            "user": root / "home" / ".claude" / "settings.json",
            "project": project / ".claude" / "settings.json",
            "local": project / ".claude" / "settings.local.json",
        }
        for layer, content in files.items():
            if content is not None:
                paths[layer].write_bytes(content)
        return resolve_policy(environ, cwd=project, home=root / "home", managed=paths["managed"], host=host)


def on(policy: Policy) -> set[str]:
    return {name for name, service in policy.services.items() if service.enabled}


@FUZZ
@given(worlds, environs, hosts)
def test_no_content_raises_and_every_policy_can_be_explained(files, environ, host):
    policy = resolve(files, environ, host)
    assert not any("cannot be determined (" in reason.effect for row in policy.rows for reason in row.reasons)
    assert json.dumps(policy.to_json())
    assert policy.explain().isascii() or policy.explain().encode("utf-8")
    assert all(row.reasons for row in policy.rows)
    assert policy.retention_days is None or policy.retention_days >= 1


@FUZZ
@given(worlds, environs, hosts, st.sampled_from(LAYERS), st.binary(max_size=200))
def test_no_bytes_turn_a_settings_file_into_an_exception(files, environ, host, layer, content):
    policy = resolve({**files, layer: content}, environ, host)
    assert len(policy.rows) == 3
    assert not any("cannot be determined (" in reason.effect for row in policy.rows for reason in row.reasons)


@FUZZ
@given(
    worlds,
    environs,
    hosts,
    st.sampled_from(("environment", *LAYERS)),
    st.sampled_from(SWITCHES),
    st.sampled_from(["1", "0", "yes", "x"]),
)
def test_an_opt_out_more_never_turns_anything_on(files, environ, host, layer, switch, value):
    before = on(resolve(files, environ, host))
    if layer == "environment":
        environ = {**environ, switch: value if environ.get(switch, "").strip() in {"", "0"} else environ[switch]}
    else:
        files = {**files, layer: _with_variable(files[layer], switch, value)}
    assert on(resolve(files, environ, host)) <= before


def _with_variable(content: bytes | None, name: str, value: str) -> bytes:
    """Add a variable to a file that is whole; a broken one stays as it is."""
    try:
        document = json.loads(b"{}" if content is None else content, parse_constant=float.fromhex)
        env = document.get("env")
        document["env"] = {name: value, **({} if env is None else env)}
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return b"" if content is None else content
    return json.dumps(document).encode()


@FUZZ
@given(worlds, environs, hosts)
def test_project_files_never_turn_anything_on_nor_set_anything(files, environ, host):
    without = resolve({**files, "project": None, "local": None}, environ, host)
    with_project = resolve(files, environ, host)
    assert on(with_project) <= on(without)
    assert [(s.name, s.value) for s in with_project.settings] == [(s.name, s.value) for s in without.settings]
    assert set(with_project.withdrawn) <= set(without.withdrawn)
    assert (with_project.retention_days or 0) <= (without.retention_days or 0)
    if without.retention_days is not None:
        assert with_project.retention_days is not None


@FUZZ
@given(worlds, environs)
def test_the_hosts_lift_touches_nothing_but_a_providers_default(files, environ):
    lifted = resolve(
        files,
        environ,
        HostChoices(lift_provider_default=dict.fromkeys((row.name for row in CLAUDE_CODE.providers), ALL)),
    )
    first_party = resolve(files, {name: value for name, value in environ.items() if name not in PROVIDERS})
    if lifted.provider != "conflict" and first_party.provider == "first-party":
        assert on(lifted) == on(first_party)
