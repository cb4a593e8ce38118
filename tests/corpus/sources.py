"""Failing programs of many languages. `@name@` stands for a planted string; `@file@`s in names of files, too.

Each scenario: its tool, the files that it needs, the commands that run it. All of them fail or complain.
"""

from __future__ import annotations

from typing import NamedTuple


class Scenario(NamedTuple):
    tool: str
    files: dict[str, str]
    commands: list[list[str]]


PYTHON = [
    "def @snake@(@common@):\n    @camel@ = @other@_total = {'@rare@': '@secret@'}\n    return @camel@['@literal@']\n\n@snake@(1)\n",
    "@common@ = 3\nprint(@common@ * @rare@ - @other@)\n",
    "import @snake@\n",
    "from json import @rare@\n",
    "import json\njson.loads('{\"@rare@\": @common@}')\n",
    "open('/srv/@directory@/@file@')\n",
    "class @pascal@:\n    pass\n\n@pascal@().@common@\n",
    "def @rare@(@common@, *, @other@):\n    pass\n\n@rare@(1)\n",
    "def @common@(:\n    return @rare@\n",
    "if True:\n  @rare@ = 1\n    @common@ = 2\n",
    "raise ValueError('cannot balance @rare@ of @common@: @secret@')\n",
    "raise RuntimeError(@common@ := '@literal@') from KeyError('@rare@')\n",
    "assert False, '@common@ in @windows_py@'\n",
    "int('@rare@')\n",
    "compile('@code@ =', '@code@', 'exec')\n",
    "exec(compile('raise KeyError(\"@common@\")', '<@rare@>', 'exec'))\n",
    "import logging\nlogging.basicConfig(format='%(asctime)s %(levelname)s %(name)s %(message)s')\nlogging.getLogger('@common@').error('@rare@ lost in /opt/@directory@')\nlogging.warning('@common@ @other@ @rare@')\n",
    "import argparse\np = argparse.ArgumentParser(prog='@kebab@')\np.add_argument('--@rare@', choices=['@common@', '@other@'], required=True)\np.add_argument('@other@')\np.parse_args(['--@rare@', '@snake@'])\n",
    "import argparse\np = argparse.ArgumentParser(prog='@common@')\np.add_argument('@other@')\np.parse_args([])\n",
    "import unittest\nclass @pascal@(unittest.TestCase):\n    def test_@common@(self):\n        self.assertEqual('@literal@', '@rare@')\nunittest.main()\n",
    "import asyncio\nasync def @common@():\n    raise OSError(2, 'No such file or directory', '/@directory@/@file@')\nasyncio.run(@common@())\n",
    "import subprocess\nsubprocess.run(['@kebab@', '--@common@=@secret_py@'], check=True)\n",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import sys; sys.exit(3)', '@common@ @rare@'], check=True)\n",
    "import warnings\nwarnings.warn('@common@ is deprecated, use @rare@')\n",
    "import sqlite3\nsqlite3.connect(':memory:').execute('select @common@ from @rare@')\n",
    "import configparser\nc = configparser.ConfigParser()\nc.read_string('[@common@]\\n@rare@ = 1\\n@rare@ = 2')\n",
    "import re\nre.compile('(@common@')\n",
    "import datetime\ndatetime.datetime.strptime('@rare@', '%Y')\n",
    "import decimal\ndecimal.Decimal('@common@')\n",
    "import uuid\nuuid.UUID('@rare@')\n",
    "import urllib.request\nurllib.request.urlopen('@common@')\n",
    "import tomllib\ntomllib.loads('@common@ = @rare@')\n",
    "import xml.etree.ElementTree as e\ne.fromstring('<@common@><@rare@></@common@>')\n",
    "def @common@(n): return @common@(n)\n@common@(1)\n",
    "[@common@ for @common@ in 3]\n",
    "import traceback\ntry:\n    raise ExceptionGroup('@common@', [KeyError('@rare@'), TypeError('@literal@')])\nexcept* KeyError as @other@:\n    @other@.add_note('see /@directory@/@file@')\n    raise\n",
    "import getpass, os\nprint(os.environ['@shout@'], os.getcwd())\nos.environ['@rare@']\n",
    "print('@common@', '@other@', '@rare@')\nprint('processing', '@common@', 'and', '@rare@')\nprint('cannot find @common@ in @other@')\n1/0\n",
]
JAVASCRIPT = [
    "const @camel@ = {}; @camel@.@common@.@rare@();\n",
    "console.log(@common@);\n",
    "@rare@();\n",
    "JSON.parse('{\"@common@\": @rare@}');\n",
    "JSON.parse('@common@ @rare@');\n",
    "require('./@kebab@');\n",
    "function @common@() { throw new Error('@rare@ of @other@: @secret@') }\n@common@();\n",
    "const @common@ = 1; @common@ = 2;\n",
    "let @common@ = @rare@ @other@;\n",
    "require('fs').readFileSync('/var/@directory@/@file@');\n",
    "class @pascal@ { constructor() { this.@common@() } }\nnew @pascal@();\n",
    "Promise.reject(new TypeError('@common@ @rare@'));\n",
    "null.@common@;\n",
    "const [@common@] = null;\n",
    "console.error('warning: @common@ is not @other@'); process.exit(1)\n",
    "require('assert').strictEqual('@common@', '@rare@');\n",
    "new URL('@common@');\n",
    "{ @common@; let @common@ = 1 }\n",
    "import @common@ from '@rare@';\n",
]
C = [
    "int main(void) { return @common@ + @rare@(); }\n",
    '#include <stdio.h>\n#include "@file@.h"\nint main(void) { return 0; }\n',
    "int @common@(void);\nint main(void) { return @common@(); }\n",
    "struct @rare@ { int @common@; };\nint main(void) { struct @rare@ x; return x.@other@; }\n",
    '#include <stdio.h>\nint main(void) { char *@common@ = 3; printf("%d", "@rare@"); return @common@ * 2 }\n',
    '#include <assert.h>\nint main(void) { int @common@ = 0; assert(@common@ && "@rare@"); }\n',
    "int main(void) { int @common@ = 1; goto @rare@; }\n",
    "#error @common@ needs @rare@\n",
    '@rare@ @common@;\nint main(void) { enum @other@ y; unsigned @rare@ = "@literal@"; }\n',
]
CPP = [
    '#include <string>\nclass @pascal@ { int @common@; };\nint main() { @pascal@ x; x.@common@ = std::string("@rare@"); return @other@; }\n',
    '#include <stdexcept>\nint main() { throw std::runtime_error("@common@ @rare@ lost"); }\n',
    'namespace @rare@ { void @common@(int); }\nint main() { @rare@::@common@("@literal@"); @rare@::@other@(); }\n',
]
RUST = [
    'fn main() { let @common@ = @rare@; println!("{}", @common@.@other@()); }\n',
    'fn main() { let @common@: Option<u8> = None; @common@.expect("@rare@ @other@"); }\n',
    "struct @pascal@; fn main() { let @common@ = @pascal@; let b = @common@; let c = @common@; use_it(@rare@) }\n",
    'fn @common@(x: &str) -> u8 { x } fn main() { std::fs::read("/@directory@/@file@").unwrap(); }\n',
]
JAVA = [
    "public class Main { public static void main(String[] a) { int @common@ = @rare@; @pascal@ x; } }\n",
    'public class Main { static void @common@() { throw new IllegalStateException("@rare@ @other@"); } public static void main(String[] a) { @common@(); } }\n',
    'public class Main { public static void main(String[] a) { Integer.parseInt("@common@"); String @rare@ = 3 } }\n',
]
PERL = [
    "use strict; my $x = $@common@ + @rare@;\n",
    "die '@common@ is not @rare@';\n",
    "use @pascal@;\n",
    "@common@('@rare@');\n",
    "my $@common@; $@common@->@rare@();\n",
    "open(my $f, '<', '/@directory@/@file@') or die \"cannot open @common@: $!\";\n",
    'use strict; use warnings; my $@common@; print "x" . $@common@; print @rare@ @other@;\n',
]
TCL = [
    "puts $@common@\n",
    "@common@ @rare@\n",
    'proc @common@ {@rare@} { error "@other@ out of @rare@" }\n@common@ 1\n',
    "set @common@ 3\nexpr {$@common@ + @rare@}\n",
    "proc @common@ {@rare@ @other@} {}\n@common@\n",
    "open /@directory@/@file@\n",
]
SHELL = [
    "@common@ @rare@\n@kebab@ --@other@\n",
    "set -u\necho $@common@ $@rare@\n",
    "cd '/@directory@'\ncat '@file@' @common@ @rare@.txt\nls @common@ @other@\n",
    "if [ @common@ -gt 3 ]; then @rare@\nfi\n",
    "set -x\n@common@=@rare@\ncp @common@ '/@directory@/@file@'\nexport TOKEN='@secret@'\n",
    "case @common@ in\n@rare@\n",
    "echo 'removing @common@ from @other@'\nrm @common@ @rare@\nmv '@file@' @other@\ntest @common@ @rare@ @other@\n",
    "grep @rare@ @common@\nsort @common@ --@rare@\nfind @common@ -name @other@ -@rare@\ntar xf @common@.tar\nhead -n @rare@ x\nkill @common@\n",
]
MAKE = [
    "all: @common@\n\techo hi\n",
    "@common@:\n\t@rare@ --@other@ @snake@\n",
    "@common@ = $(error @rare@ is not set)\nall: $(@common@)\n",
    "@common@ @rare@\n",
    "@common@: @rare@\n@rare@: @common@\n\ttrue\ninclude @other@.mk\n",
]
CMAKE = [
    "cmake_minimum_required(VERSION 3.10)\nproject(@common@ C)\n@rare@(@other@)\n",
    'cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nfind_package(@pascal@ REQUIRED)\nmessage(WARNING "@common@ @rare@")\n',
    'cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nadd_custom_target(@common@ DEPENDS @rare@)\nadd_dependencies(@common@ @other@)\nmessage(FATAL_ERROR "@rare@ of @common@")\n',
]
GIT = [
    ["checkout", "@common@"],
    ["show", "@rare@"],
    ["log", "@common@..@rare@"],
    ["@rare@"],
    ["add", "@file@"],
    ["merge", "@common@"],
    ["branch", "-d", "@common@"],
    ["push", "@common@", "@rare@"],
    ["clone", "/@directory@", "@common@"],
    ["config", "@common@"],
    ["switch", "@common@"],
    ["remote", "remove", "@common@"],
    ["tag", "-d", "@rare@"],
    ["diff", "@common@", "@rare@"],
    ["stash", "@common@"],
    ["restore", "@common@"],
    ["rebase", "@common@"],
    ["init", "@common@"],
    ["--@common@"],
    ["commit", "-m", "@common@ @rare@"],
]
TOOLS: dict[str, list[list[str]]] = {
    "awk": [
        ["@common@ @rare@"],
        ["BEGIN { @common@( }"],
        ["BEGIN { @rare@(1) }"],
        ["{print}", "@file@"],
        ['BEGIN { getline x < "@common@"; print "@common@ and @rare@" > "/@directory@/x" }'],
    ],
    "sed": [["@common@"], ["s/@common@/@rare@"], ["-n", "p", "@common@"], ["--@rare@"]],
    "openssl": [
        ["@common@"],
        ["x509", "-in", "@common@"],
        ["rsa", "-in", "/@directory@/@file@"],
        ["enc", "-@rare@"],
        ["req", "-@common@"],
    ],
    "sqlite3": [
        [":memory:", "select @common@ from @rare@"],
        [
            ":memory:",
            "create table @common@(@rare@ int); insert into @common@ values(1, 2); select @other@ from @common@;",
        ],
        [":memory:", "@common@ @rare@"],
        [":memory:", ".@rare@"],
        [":memory:", "select @common@(1)"],
        ["/@directory@/@file@", "select 1"],
    ],
    "psql": [
        ["-h", "127.0.0.1", "-p", "9", "-U", "@common@", "@rare@"],
        ["--@common@"],
        ["postgresql://@common@:@snake@@127.0.0.1:9/@rare@"],
    ],
    "jq": [
        ["@common@"],
        ["-n", ".@common@ | @rare@"],
        ["-n", '"@common@" + {}'],
        [".", "@file@"],
        ["-n", 'error("@common@ @rare@")'],
    ],
    "curl": [
        ["-sS", "http://127.0.0.1:9/@common@"],
        ["-sS", "@common@://x"],
        ["--@rare@"],
        ["-sS", "http://127.0.0.1:9", "-o", "/@directory@/x"],
        ["-sS", "file:///@rare@"],
    ],
    "wget": [["-q", "--@common@"], ["http://127.0.0.1:9/@common@", "-t", "1", "-nv"]],
    "npm": [["run", "@common@"], ["@rare@"]],
    "pip": [
        ["install", "--no-index", "@kebab@"],
        ["@common@"],
        ["install", "--no-index", "-r", "@file@"],
        ["show", "@rare@"],
        ["--@common@"],
    ],
    "cargo": [["@common@"], ["build", "--@rare@"], ["run", "--manifest-path", "/@directory@/Cargo.toml"]],
    "java": [["@common@"], ["-jar", "@file@"], ["-@rare@"]],
    "tar": [["xf", "@file@"], ["cf", "/@directory@/x.tar", "@common@"], ["--@rare@"]],
    "gpg": [["--decrypt", "@common@"], ["--list-keys", "@rare@"], ["-u", "@common@", "--sign", "@file@"]],
    "ssh": [
        ["-o", "@common@=@rare@", "127.0.0.1"],
        ["-i", "/@directory@/@file@", "-p", "9", "-o", "BatchMode=yes", "@common@@127.0.0.1"],
        ["-F", "@common@", "x"],
    ],
    "ld": [["@common@", "-l@rare@"], ["--@rare@"]],
    "as": [["@file@"]],
    "bc": [["@common@"]],
    "node": [["@common@"], ["--@rare@"], ["-e", "@common@ @rare@"], ["-p", "@common@.@rare@"]],
    "python3": [
        ["@common@"],
        ["-m", "@common@"],
        ["-m", "@rare@.@common@"],
        ["-c", "@code@ +"],
        ["-@rare@"],
        ["-c", "@common@ @rare@"],
    ],
    "gcc": [["@common@.c"], ["-@rare@", "x.c"], ["-l@common@", "-x", "c", "/dev/null"]],
    "perl": [["@common@"], ["-e", "@common@ @rare@ @other@"], ["-M@pascal@", "-e1"], ["-@rare@"]],
    "bash": [
        ["@common@"],
        ["-c", "@rare@"],
        ["-c", "@common@ () { @rare@; }; @common@"],
        ["--@common@"],
        ["-c", "echo ${@common@:?@rare@ is unset}"],
        ["-c", "echo $((@common@ @rare@))"],
    ],
    "docker": [["@common@"]],
    "find": [["@common@"], [".", "-@rare@"]],
    "grep": [["@rare@", "@common@"], ["-P", "(@common@"], ["--@rare@"]],
    "make": [["@common@"], ["-f", "@common@"], ["-C", "/@directory@"]],
    "git": GIT,
}


def scenarios() -> list[Scenario]:
    """Return all of them."""
    found = [
        Scenario("python3", {"@kebab@ @rare@.py": text}, [["python3", "@kebab@ @rare@.py", "@common@"]])
        for text in PYTHON
    ]
    found += [Scenario("node", {"@file@.js": text}, [["node", "@file@.js"]]) for text in JAVASCRIPT]
    found += [
        Scenario("gcc", {"@snake@.c": text}, [["gcc", "-Wall", "@snake@.c", "-o", "@common@"], ["./@common@"]])
        for text in C
    ]
    found += [
        Scenario("g++", {"@rare@.cpp": text}, [["g++", "@rare@.cpp", "-o", "@common@"], ["./@common@"]]) for text in CPP
    ]
    found += [
        Scenario(
            "rustc",
            {"@snake@.rs": text},
            [["rustc", "--crate-name", "x", "@snake@.rs", "-o", "@common@"], ["./@common@"]],
        )
        for text in RUST
    ]
    found += [Scenario("java", {"Main.java": text}, [["java", "Main.java"]]) for text in JAVA]
    found += [Scenario("perl", {"@kebab@.pl": text}, [["perl", "@kebab@.pl"]]) for text in PERL]
    found += [Scenario("tclsh", {"@snake@.tcl": text}, [["tclsh", "@snake@.tcl"]]) for text in TCL]
    found += [Scenario("bash", {"@rare@.sh": text}, [["bash", "@rare@.sh"], ["dash", "@rare@.sh"]]) for text in SHELL]
    found += [Scenario("make", {"Makefile": text}, [["make"]]) for text in MAKE]
    found += [Scenario("cmake", {"CMakeLists.txt": text}, [["cmake", "-S", ".", "-B", "@common@"]]) for text in CMAKE]
    found += [Scenario(tool, {}, [[tool, *arguments]]) for tool, calls in TOOLS.items() for arguments in calls]
    return found
