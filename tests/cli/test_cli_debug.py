"""`nnviz debug`: scripts through standard input, command by command, on passes worked out by hand."""

from __future__ import annotations

import io
import re
import signal
import sys

import pytest

from nnviz.cli import main
from nnviz.cli.debug_command import completer
from nnviz.debugger.branches import one_branch
from nnviz.debugger.state.session import start_session
from nnviz.engine.losses import LOSSES
from nnviz.lessons.catalog import load
from nnviz.resources import read_text
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.shell.shell import Shell

PASS = "update 0 · epoch 0 · example 2: (1, 0) → 1"


# Moving


def test_a_step_is_its_place_its_formula_and_its_value(script):
    talk = script("koehn", "step")
    assert (talk.status, talk.errors) == (0, [])
    assert talk.heading == ["koehn: XOR by hand", PASS]
    assert talk.lines == [
        "forward · hidden layer, neuron 1 · Weighted sum into h₁",
        "  s₁ = W₁₁ x₁ + W₁₂ x₂ + b₁ = 3 · 1 + 4 · 0 + (−2) = 1.000000",
    ]


def test_printed_figures_are_marked(script):
    talk = script("koehn", "run-to delta_W2[1,1]")
    assert talk.lines[1:] == [
        "  ΔW₂,₁ = μ δ₂ h₁ = 1 · 0.049216 · 0.731059 = 0.035980",
        "  ✓ printed 0.03597961 (5.7.3 and 5.7.4)",
    ]


def test_steps_are_taken_back(script):
    assert script("koehn", "step 3", "back").lines[-2:] == script("koehn", "step 2").lines[-2:]
    assert script("koehn", "step 2", "back 2").lines[-2:] == [PASS, "before the first step"]
    assert script("koehn", "b").errors == ["back: this is the start of the run"]


def test_an_empty_line_repeats_a_step_and_a_comment_does_nothing(script):
    assert script("koehn", "s", "", "# what now?", "").lines == script("koehn", "s 3").lines
    assert script("koehn", "", "s", "p h[1]", "").lines == script("koehn", "s", "p h[1]").lines
    assert script("koehn", "s 2  # two of them").lines == script("koehn", "s 2").lines


def test_into_over_and_out(script):
    talk = script("koehn", "step", "into", "step", "out", "over", "where", "out", "out", "out")
    assert [line for line in talk.lines if " · " in line and not line.startswith(" ")] == [
        "forward · hidden layer, neuron 1 · Weighted sum into h₁",
        "forward · hidden layer, neuron 1 · Product on x₁ → h₁",
        "forward · hidden layer, neuron 1 · Product on x₂ → h₁",
        "forward · hidden layer, neuron 1 · Weighted sum into h₁",
        "forward · hidden layer, neuron 2 · Weighted sum into h₂",
        "forward · hidden layer · Weighted sums of the hidden layer",
        "forward · The forward pass",
    ]
    assert "step     2 of 35, by neuron: Weighted sum into h₂" in talk.lines
    assert talk.errors == ["out: grain pass is already the coarsest"]
    assert script("koehn", "into", "into").errors == ["into: grain term is already the finest"]


def test_phases(script):
    talk = script("koehn", "next", "next", "next", "next", "previous", "previous")
    assert [line.split(" · ")[0] for line in talk.lines if not line.startswith(" ")] == [
        *("forward", "error", "backward", "update", "backward", "error"),
    ]


def test_updates_and_epochs_go_by_number_on_and_back(script):
    def places(*commands: str) -> list[tuple[int, int]]:
        lines = script("koehn", *commands).lines
        found = [re.match(r"update (\d+) · epoch (\d+) ·", line) for line in lines]
        return [(int(match[1]), int(match[2])) for match in found if match]

    # The lesson begins with the second of four examples, so that its first epoch has three updates.
    assert places("update", "update 5", "u +2", "u -3", "step", "update -") == [
        *((1, 0), (5, 1), (7, 2), (4, 1), (4, 1)),
    ]
    assert places("epoch", "epoch 5", "e +1", "e -2", "s", "e -") == [(3, 1), (19, 5), (23, 6), (15, 4), (15, 4)]
    assert places("train 2", "update 1", "present") == [(7, 2), (1, 0), (7, 2)]
    talk = script("koehn", "update 3", "update 1")
    assert talk.lines[-2] == "update 1 · epoch 0 · example 3: (0, 1) → 1 · the latest is update 3"


def test_first_and_last(script):
    talk = script("koehn", "last", "first")
    assert talk.lines[0] == "update · output layer · New bias of y"
    assert talk.lines[-1] == "before the first step"


def test_run_to_a_value_of_this_pass_or_the_next(script):
    talk = script("koehn", "run-to y", "run-to h[1]", "run-to z")
    assert [line for line in talk.lines if line.startswith(("update", "forward"))] == [
        "forward · output layer · Activation of y",
        "update 1 · epoch 0 · example 3: (0, 1) → 1",
        "forward · hidden layer, neuron 1 · Activation of h₁",
        "forward · output layer · Weighted sum into y",
    ]
    assert script("koehn", "run-to W").errors == [
        "run-to: W is given, not computed in the pass; run-to needs a computed value"
    ]


def test_another_example_grain_and_notation(script):
    talk = script("koehn", "example 4", "grain layer", "step", "notation standard", "grain t")
    assert talk.lines[0] == "update 0 · epoch 0 · example 4: (1, 1) → 0"
    assert talk.lines[2:] == [
        "update 0 · epoch 0 · example 4: (1, 1) → 0",
        "before the first step",
        "forward · hidden layer · Weighted sums of the hidden layer",
        "  s = W x + b = [5.000000, 1.000000]",
        *talk.lines[6:],
    ]
    assert "  z⁽¹⁾ = x W⁽¹⁾ + b⁽¹⁾ = [5.000000, 1.000000]" in talk.lines[6:]
    assert script("koehn", "example 5").errors == ["example: 5 is not in the range 1 to 4"]


# Looking


def test_print_gives_a_value_or_when_it_becomes_known(script):
    talk = script(
        "koehn", "print delta_2", "last", "p delta_2", "p/full delta_2", "print /full W", "p loss < 1", "p a1 > 0.5"
    )
    assert talk.lines[0] == "delta_2: not known yet; it is computed at step 11, Error term of y"
    assert talk.lines[3:] == [
        "delta_2 = 0.049216",
        "delta_2 = 0.04921576534979593",
        "W = [[3., 4.],",
        *talk.lines[6:],
    ]
    assert talk.lines[-2:] == ["loss < 1 = true", "a1 > 0.5 = [true, false]"]


def test_where_says_everything(script):
    assert script("koehn", "step 3", "where").lines[-9:] == [
        "lesson   koehn: XOR by hand",
        "update   0, the latest",
        "epoch    0",
        "example  2 of 4: (1, 0) → 1",
        "phase    forward",
        "layer    1 of 2: hidden layer",
        "neuron   1",
        "term     1 of 1",
        "step     3 of 35, by neuron: Activation of h₁",
    ]
    assert "update   1, the latest is 3" in script("koehn", "update 3", "update 1", "where").lines
    talk = script("krzeminski-rnn", "grain term", "step 2", "where")
    assert {"time     1 of 2", "term     2 of 7"} <= set(talk.lines)
    assert "in a batch of 4" in script("krzeminski-batch", "where").lines[3]


def test_list_marks_the_current_line(script):
    talk = script("koehn", "run-to delta_2", "list")
    assert [line for line in talk.lines if line.startswith(">")] == [
        ">   8  delta_2 = (t - y) * sigmoid_derivative(z)",
    ]
    assert "    1  s = W @ x + b" in talk.lines


def test_values_know_nothing_ahead(script):
    rows = [re.split(r"\s{2,}", line[2:]) for line in script("koehn", "step 3", "values").lines[6:]]
    values = {row[0]: row[2] for row in rows}
    assert values["s"] == "[1.000000, −2.000000]"
    assert values["h"] == "[0.731059, —]"
    assert values["y"] == "—"


def test_info(script):
    talk = script("koehn", "info breakpoints", "info watches", "info run", "info names", "info")
    assert talk.lines[:4] == [
        "no breakpoints",
        "no watches",
        "updates 0 to 0, now at 0",
        "epoch 0 of 1000, sgd, learning rate 1, batch size 1",
    ]
    assert any(line.startswith("delta_W2 ") for line in talk.lines)
    assert talk.lines[-1].startswith("functions: abs, ")
    assert talk.errors == ["info: a subject is missing: breakpoints, watches, names, run, changes"]
    talk = script("koehn", "update 3", "set rate 0.5", "update 6", "info run")
    assert talk.last == "2 segments, starting at updates 0, 3"


def test_find_says_what_a_number_is(script):
    talk = script("koehn", "find 0.7425526", "find nothing")
    assert talk.lines[0] == "0.7425526 is the activation y to 7 decimals."
    assert len(talk.errors) == 1
    assert talk.errors[0].startswith("find: ")


# Why


def test_why_goes_from_factor_to_factor_and_back(script):
    talk = script("koehn", "run-to delta_W2[1,1]", "why", "why 2", "why 1", "why up", "why W[1,1]")
    assert talk.lines[3:] == [
        "ΔW₂,₁ = μ δ₂ h₁ = 1 · 0.049216 · 0.731059 = 0.035980",
        "  1  δ₂ = 0.049216  (step 11, Error term of y)",
        "  2  h₁ = 0.731059  (step 3, Activation of h₁)",
        "h₁ = sigmoid(s₁) = sigmoid(1) = 0.731059",
        "  1  s₁ = 1.000000  (step 1, Weighted sum into h₁)",
        "s₁ = W₁₁ x₁ + W₁₂ x₂ + b₁ = 3 · 1 + 4 · 0 + (−2) = 1.000000",
        "  1  W₁₁ = 3.000000  (given)",
        "  2  x₁ = 1.000000  (given)",
        "  3  W₁₂ = 4.000000  (given)",
        "  4  x₂ = 0.000000  (given)",
        "  5  b₁ = −2.000000  (given)",
        "h₁ = sigmoid(s₁) = sigmoid(1) = 0.731059",
        "  1  s₁ = 1.000000  (step 1, Weighted sum into h₁)",
        "W₁₁ = 3.000000 is given, not computed in the pass",
    ]


def test_why_of_what_is_ahead_or_many_is_refused(script):
    assert script("koehn", "why", "why y", "why h", "why 1", "why up").errors == [
        "why: no step has been taken; name a value",
        "why: y is not known yet; it is computed at step 6, Activation of y",
        "why: h has the shape (2,); name one of its numbers, as in h[1]",
        "why: there are no factors to follow; use why VALUE first",
        "why: there is no number to go back to",
    ]
    assert script("koehn", "grain layer", "step", "why").errors == [
        "why: this step has many numbers; name one of them, or step into it",
    ]


def test_why_at_grain_term(script):
    assert script("koehn", "grain term", "step", "why").lines[-3:] == [
        "W₁₁ x₁ = 3 · 1 = 3.000000",
        "  1  W₁₁ = 3.000000  (given)",
        "  2  x₁ = 1.000000  (given)",
    ]


def test_feeds_says_what_a_number_is_used_for(script):
    talk = script("koehn", "feeds h[1]", "run-to z", "feeds h[1]", "feeds W[1,1]")
    assert talk.errors == ["feeds: h[1] is not known yet"]
    assert talk.lines[2:] == [
        "h₁ = 0.731059 is used in:",
        "     z = 1.059278  (step 5, Weighted sum into y)",
        "     ΔW₂,₁  (step 12, Weight change on h₁ → y)",
        "     sigmoid′(s₁)  (step 17, Derivative of the activation at h₁)",
        "W₁₁ = 3.000000 is used in:",
        "     s₁ = 1.000000  (step 1, Weighted sum into h₁)",
        "     W₁₁  (step 27, New weight on x₁ → h₁)",
    ]


# Breakpoints and watches


@pytest.mark.parametrize(
    ("where", "told", "place"),
    [
        ("delta_2", "delta of neuron 1 of layer 2", "backward · output layer · Error term of y"),
        ("h[2]", "a of neuron 2 of layer 1", "forward · hidden layer, neuron 2 · Activation of h₂"),
        ("kind slope", "slope", "backward · output layer · Derivative of the activation at y"),
        (
            "kind slope layer 1",
            "slope of layer 1",
            "backward · hidden layer, neuron 1 · Derivative of the activation at h₁",
        ),
        ("unit h[2]", "neuron 2 of layer 1", "forward · hidden layer, neuron 2 · Weighted sum into h₂"),
        ("edge W1[2,1]", "W1[2,1]", "backward · hidden layer, neuron 1 · Weight change on x₂ → h₁"),
        ("W1[2,1]", "W1[2,1]", "backward · hidden layer, neuron 1 · Weight change on x₂ → h₁"),
        ("line 9", "line dW of layer 2", "backward · output layer · Weight change on h₁ → y"),
        ("phase update", "phase update", "update · hidden layer, neuron 1 · New weight on x₁ → h₁"),
        (
            "phase update if loss > 0",
            "phase update if loss > 0",
            "update · hidden layer, neuron 1 · New weight on x₁ → h₁",
        ),
        ("if loss < 1", "loss < 1", "error · Error of the example"),
    ],
)
def test_every_sort_of_breakpoint_stops(script, where, told, place):
    talk = script("koehn", f"break {where}", "continue")
    assert talk.errors == []
    assert talk.lines[0].split("  ")[-1] == told
    assert talk.lines[1:3] == [f"Breakpoint 1: {told}", place]


def test_breakpoints_stop_steps_and_steps_back_but_no_jumps(script):
    talk = script("koehn", "break h[2]", "step 9", "where", "step 9", "back 9", "last")
    stops = [index for index, line in enumerate(talk.lines) if line.startswith("Breakpoint 1")]
    assert [talk.lines[stop + 1] for stop in stops] == ["forward · hidden layer, neuron 2 · Activation of h₂"] * 2
    assert talk.lines[-2] == "update · output layer · New bias of y"
    assert "step     4 of 35, by neuron: Activation of h₂" in talk.lines


def test_a_breakpoint_is_disabled_enabled_ignored_and_deleted(script):
    talk = script(
        "koehn", "break y", "disable 1", "step 6", "enable 1", "ignore 1 2", "c", "info breakpoints", "delete 1", "i b"
    )
    assert "Breakpoint 1: a of neuron 1 of layer 2" in talk.lines
    assert "update 3 · epoch 1 · example 1: (0, 0) → 0" in talk.lines
    assert talk.lines[-2:] == ["  1  on, 3 hits, stops after hit 2  a of neuron 1 of layer 2", "no breakpoints"]
    assert script("koehn", "delete 3").errors == ["delete: there is no breakpoint 3"]


def test_a_temporary_breakpoint_that_is_deleted_leaves_nothing_behind(script):
    talk = script("koehn", "tbreak y", "delete 1", "break y", "continue", "info breakpoints")
    assert talk.last.startswith("  1  on, 1 hit")


def test_a_temporary_breakpoint_stops_once(script):
    talk = script("koehn", "tbreak if epoch == 2", "continue", "info breakpoints")
    assert talk.lines[1:] == [
        "Breakpoint 1: epoch == 2",
        "update 7 · epoch 2 · example 1: (0, 0) → 0",
        "before the first step",
        "no breakpoints",
    ]


def test_watches_are_told_when_they_change(script):
    talk = script("koehn", "watch loss", "step", "run-to loss", "step", "run-to loss", "unwatch 1", "run-to loss")
    assert [line for line in talk.lines if "watch" in line] == [
        "  watch 1: loss: not known yet; it is computed at step 8, Error of the example",
        "  watch 1: loss = 0.033140",
        "  watch 1: loss = 0.027118  (before: 0.033140)",
    ]
    assert script("koehn", "unwatch 1", "watch 1 +").errors[0] == "unwatch: there is no watch 1"


def test_training_stops_at_a_breakpoint(script):
    talk = script("koehn", "break if update == 9", "train 10", "delete 1", "train 1")
    assert talk.lines[1] == "Breakpoint 1: update == 9"
    assert talk.lines[2].startswith("update 9 · epoch 2 ")
    assert talk.lines[4].startswith("update 11 · epoch 3 ")


# Changing how it is counted


def test_set_counts_otherwise_at_the_same_step(script):
    talk = script("koehn", "run-to delta_2", "set convention.delta=gradient", "set lesson", "set rate 0.5", "p rate")
    assert [line.rpartition(" = ")[2] for line in talk.lines if line.startswith("  δ₂")] == [
        *("0.049216", "−0.049216", "0.049216", "0.049216"),
    ]
    assert talk.last == "rate = 0.500000"
    talk = script("koehn", "set frozen.W1 = on", "last", "p W_new - W", "set frozen.W1 = off", "last", "p W1_new == W1")
    assert talk.errors == []
    assert "W_new - W = [[0.000000, 0.000000], [0.000000, 0.000000]]" in talk.lines
    assert talk.last == "W1_new == W1 = [[false, false], [true, true]]"
    talk = script(
        "krzeminski-batch", "set update_after 2", "where", "set reduce mean", "set optimizer adam", "info run"
    )
    assert any("in a batch of 2" in line for line in talk.lines)
    assert talk.last.endswith("adam, learning rate 0.1, batch size 2")


def test_what_cannot_be_set_is_refused(script):
    assert script(
        "koehn", "set", "set los x", "set loss x", "set loss cross_entropy", "set rate fast", "set rate -1",
        "set frozen.W9 on", "set through_time one_step", "set layers 2",
    ).errors == [
        "set: the name of a setting is missing: delta, weights, slope, step, update, through_time, loss, reduce, "
        "schedule, update_after, layers, optimizer, rate, learning_rate",
        f"set: 'x' is not one of {', '.join(LOSSES)}",
        f"set: 'x' is not one of {', '.join(LOSSES)}",
        "set: Cross entropy needs outputs that add up to 1, as softmax gives them; this network ends in sigmoid.",
        "set: column 1: unknown name 'fast'",
        "set: The learning rate must be above 0 and at most 1000",
        "set: 'W9' is not one of W1, b1, W2, b2, weights, biases",
        "set: This option needs a network with a recurrent layer.",
        "set: The numbers in this notation are part of the document's own names.",
    ]  # fmt: skip


# Whole lessons


def test_a_condition_is_found_forward_and_backward_in_sgd(script):
    talk = script("krzeminski-sgd", "break if epoch == 500", "c", "break if loss < 0.01", "c", "rc", "rc", "rc")
    assert [line.split(" · ")[0] for line in talk.lines if line.startswith("update")] == [
        *("update 2000", "update 18648", "update 2003", "update 2000", "update 0"),
    ]
    assert "  E = ½(y − lay2)² = ½(0 − 0.141395)² = 0.009996" in talk.lines
    assert talk.lines[-3] == "Stopped: the start of the run"


def test_the_walkthrough_overflows_in_its_7853rd_pass(script):
    talk = script("krzeminski-walkthrough", "break nonfinite", "continue", "why")
    assert talk.lines[1:4] == [
        "Breakpoint 1: first NaN or infinity",
        "update 7852 · epoch 1963 · example 1: (0, 0) → 0",
        "backward · hidden layer, neuron 1 · Derivative of the activation at lay1₁",
    ]
    assert talk.lines[4].endswith("= −∞")
    assert talk.last == "  1  act1₁ = −5.93242×10²⁰⁴  (step 1, Weighted sum into lay1₁)"


def test_time_steps_of_a_recurrent_network(script):
    talk = script(
        "krzeminski-rnn", "break z1[1] @ 2", "c", "p z1[1] @ 1", "feeds wh[1,1]", "why wh[1,1]", "why lay1[2] @ 1"
    )
    assert talk.lines[2] == "forward · hidden layer, neuron 1 · time 1 of 2 · Weighted sum into lay1₁⟨1⟩"
    assert "z1[1] @ 1 = 0.615199" in talk.lines
    assert "wh₁₁ = 0.583450 is used in:" in talk.lines


def test_training_to_the_end_says_so(script):
    talk = script("koehn", "continue", "continue")
    assert [line for line in talk.lines if line.startswith("Stopped")] == [
        "Stopped: all 1000 epochs are trained",
        "Stopped: trained another 1000 epochs",
    ]


# The shell


def test_what_is_wrong_is_one_line_each_that_begins_with_the_command(script):
    talk = script(
        "koehn", "stpe", "w", "fe x", "o", "step x", "step 0", "break", "break if", "break if loss", "break foo",
        "break line 99", "break line 5", "break kind q", "break unit h", "break edge h[1]", "break phase x",
        "print", "p 1 +", "p/x y", "p h[3]", "continue 3", "grain fine", "notation x", "example", "update x",
        "first 3", "run-to", "watch", "info x", "example 0", "why 1 + 2", "train", "find", "help x",
        "update 9999999999",
    )  # fmt: skip
    assert talk.status == 0
    assert talk.errors[0] == "stpe: unknown command; did you mean 'step'?"
    assert talk.errors[3] == "o: ambiguous, may be over, out"
    assert "break: column 1: unknown name 'foo'" in "\n".join(talk.errors)
    assert len(talk.errors) == 35
    assert all(re.match(r"[a-z-]+: \S", line) for line in talk.errors)
    assert all("Traceback" not in line for line in talk.errors)


def test_the_exit_status_is_1_only_if_it_is_strict_and_a_command_failed(script):
    assert script("koehn", "nonsense", "step").status == 0
    assert script("koehn", "step", options=("--strict",)).status == 0
    talk = script("koehn", "nonsense", "step", options=("--strict",))
    assert talk.status == 1
    assert len(talk.lines) == 2, "the commands behind it are done"


def test_the_pass_is_chosen_as_for_trace(script):
    talk = script(
        "koehn", "step", options=("--example", "3", "--update", "2", "--grain", "layer", "--notation", "standard")
    )
    assert talk.heading[1] == "update 2 · epoch 0 · example 4: (1, 1) → 0"
    assert talk.lines[0] == "forward · hidden layer · Weighted sums of the hidden layer"


def test_quit_ends_it(script):
    assert script("koehn", "quit", "step").lines == []
    assert script("koehn").lines == []


def test_help_tells_every_command(script, capsys):
    lines = script("koehn", "help").lines
    assert [line.split()[0] for line in lines[:-1]] == [command.name for command in SHELL_COMMANDS]
    assert script("koehn", "help br").lines[0].startswith("break [VALUE |")
    assert main(["debug", "--help"]) == 0
    assert "nnviz debug koehn --strict < script.txt" in capsys.readouterr().out


def test_the_dialogues_of_the_guide_are_real(script):
    text = read_text("guide", "command-line.md")
    blocks = re.findall(r"```\n\$ nnviz debug (\S+)\n(.*?)```", text, re.S)
    assert len(blocks) == 2
    for lesson, block in blocks:
        typed = re.findall(r"^\(nnviz\) (.*)$", block, re.M)
        said = [line for line in block.splitlines() if not line.startswith("(nnviz)")]
        pattern = "\n".join(".*" if line == "…" else re.escape(line) for line in said)  # … are lines left out
        assert re.fullmatch(pattern, "\n".join(script(lesson, *typed).lines), re.S), lesson


def test_every_command_is_told_in_words_and_has_a_name_of_its_own():
    names = [name for command in SHELL_COMMANDS for name in {command.name, command.short} if name]
    assert len(names) == len(set(names))
    for command in SHELL_COMMANDS:
        assert command.usage.startswith(command.name)
        assert command.help[0].islower()
        assert not command.help.endswith(".")


def test_tab_completes_commands_and_what_they_take(capsys):
    shell = Shell(one_branch(start_session(load("koehn"))), SHELL_COMMANDS, sys.stdout)

    def words(line: str) -> list[str]:
        complete = completer(shell, lambda: line)
        found = (complete(line.rpartition(" ")[2], state) for state in range(99))
        return [word for word in found if word is not None]

    assert words("st") == ["step"]
    assert words("print delta_W") == ["delta_W", "delta_W2"]
    assert words("grain ") == ["layer", "neuron", "pass", "term"]
    assert words("set opt") == ["optimizer"]
    assert words("nonsense x") == []


def test_an_interrupt_ends_a_long_way_and_leaves_the_session():
    shell = Shell(
        one_branch(start_session(load("krzeminski-sgd"))), SHELL_COMMANDS, io.StringIO(), progress=_Interrupting()
    )
    shell.progress.shell = shell
    for line in ("continue", "train 100", "update 50000"):
        before = shell.session.checkpoint.update
        shell.do(line)
        assert "Stopped: interrupted" in shell.out.getvalue().splitlines()[-3]
        assert before < shell.session.checkpoint.update < before + 2000
    shell.do("step")
    assert shell.session.position > 0


class _Interrupting:
    """Presses Ctrl+C as soon as progress is told."""

    def write(self, text: str) -> None:
        if text.startswith("\r") and "update" in text:
            signal.raise_signal(signal.SIGINT)

    def flush(self) -> None:
        pass
