"""Messages of programs that no machine here has, each with the names that it quotes as bare words: `{a}` and `{b}`."""

from __future__ import annotations

MESSAGES = """
undefined local variable or method {a} for main
uninitialized constant {A}
NameError: undefined local variable or method `{a}' for main:Object
go: cannot find module providing package {a}
undefined: {a}
declared and not used: {a}
{a} declared and not used
./main.go:7:2: {a} declared and not used
panic: {a} not found in {b}
Fatal error: Uncaught Error: Call to undefined function {a}()
PHP Warning:  Undefined variable ${a} in /x/{b}.php on line 3
Notice: Undefined index: {a}
Traceback: {a} is required
lua: x.lua:1: attempt to call a nil value (global '{a}')
attempt to index a nil value (field '{a}')
error: Variable not in scope: {a}
Unbound value {a}
The value {a} is not defined
Unbound module {A}
Error: object {a} not found
Error: could not find function {a}
Error in {a}({b}) : object not found
undefined function: {a}/1
(CompileError) undefined variable {a}
cannot find {a} in scope
use of unresolved identifier {a}
value of type {A} has no member {b}
Cannot resolve symbol {a}
error CS0103: The name {a} does not exist in the current context
The type or namespace name {A} could not be found
unresolved reference: {a}
type mismatch: inferred type is {A} but {B} was expected
ORA-00942: table or view {a} does not exist
ERROR 1054 (42S22): Unknown column {a} in field list
ERROR 1146: Table {a} doesn't exist
relation {a} does not exist
column {a} does not exist
Invalid object name {a}
key {a} not present in the dictionary
the given key {a} was not present
The term {a} is not recognized as the name of a cmdlet
{a} : The term is not recognized
'{a}' is not recognized as an internal or external command
zsh: command not found: {a}
fish: Unknown command: {a}
sudo: {a}: command not found
Unit {a}.service could not be found.
Failed to start {a}
E: Unable to locate package {a}
No package {a} available.
error: target not found: {a}
No such container: {a}
pull access denied for {a}
Error: No such image: {a}
no such service: {a}
service {a} is not running
Starting {a}
Starting {a} and {b}
Deleting {a} from {b}
Removed {a}
Created {a} in {b}
added {a} to {b}
Reading {a} into {b}
Copying {a} to {b}
Cloning into {a}...
Switched to branch {a}
Already on {a}
Your branch is up to date with {a}
merging {a} and {b}
Running {a}
running {a} with {b}
Compiling {a} v0.1.0
Compiling {a}
Building {a}
Installing {a}
Uninstalling {a}
Successfully installed {a}
Requirement already satisfied: {a}
Collecting {a}
Testing {a}
test {a} failed
test {a} passed
{a} passed
{a} failed
PASS {a}
FAIL {a}
ok {a}
not ok {a}
Skipping {a}
skipped {a}
Executing {a} on {b}
task {a} not found
Task {a} is not registered
Unknown task {a}
Did you mean {a}
did you mean this: {a}
use {a} instead
Use {a} instead.
see {a} for more information
missing {a}
no such option {a}
no such file {a}
expected {a} but got {b}
expected {a}, found {b}
{a} must be a number
{a} must not be empty
{a} is required
{a} is deprecated
{a} is read only
{a} and {b} are equal
{a} or {b}
not {a}
if {a} is not {b}
return {a}
for {a} in {b}
while {a}
with {a} as {b}
from {a} import {b}
import {a}
del {a}
assert {a}
raise {a}
print {a}
echo {a}
cd {a}
rm {a}
open {a}
set {a} to {b}
let {a} be {b}
select {a} from {b}
SELECT {a} FROM {b}
delete from {a} where {b} is null
update {a} set {b}
insert into {a}
{a} {b}
{a}
{A}
{A} {b}
{A} {B}
{a}, {b}
{a} and {b}
{a}.
{a}?
{a}!
{a}:
{a}: {b}
{a} 5
{a} of {b}
{a} in {b}
no {a}
no {a} in {b}
new {a}
new {A}
self {a}
{a} not found
{a} does not exist
{a} is missing
{a} has no {b}
{a} is not a {b}
{a} is not a function
{a} is not callable
invalid {a}
invalid {a} in {b}
unexpected {a}
duplicate {a}
duplicate {a} in {b}
cannot open {a}
cannot read {a} of {b}
could not load {a}
could not connect to {a}
Could not connect to {a}
Connected to {a}
connected to {a} as {b}
permission denied for {a}
Permission denied for {a} on {b}
{a} already exists
{a} timed out
Waiting for {a}
waiting for {a} to finish
lost {a}
{a} was lost
{a} changed
Loaded {a}
Loaded {a} from {b}
""".strip().splitlines()
