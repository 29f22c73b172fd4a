"""Predicting in `nnviz debug`: questions, answers worked out in plain Python, what is said of wrong ones, the score."""

from __future__ import annotations

import json

from koehn_by_hand import Koehn, shown

from nnviz.present.words.quiz_text import AT_END, COVERED

K = Koehn()


def two_digits(value: float) -> str:
    return f"{value:.2g}"


def on_disk(scores) -> dict[str, dict[str, tuple[int, int]]]:
    document = json.loads(scores.read_text(encoding="utf-8"))
    return {
        lesson: {kind: (counts["first"] + counts["later"], counts["asked"]) for kind, counts in kinds.items()}
        for lesson, kinds in document["lessons"].items()
    }


def questions(talk) -> list[str]:
    return [line.removeprefix("What is ").split("?")[0] for line in talk.lines if line.startswith("What is ")]


def test_a_forward_pass_is_predicted_with_any_rounding(script, scores):
    answers = (f"{K.s[0]:.1f}", f"{K.s[1]:g}", f"{K.h[0]:.3f}", f"{K.h[1]:.2f}".replace(".", ","), f"answer {K.z:.4f}",
               f"{K.y:.6e}")  # fmt: skip
    talk = script("koehn", "predict", *answers)
    assert talk.errors == []
    assert talk.lines[:5] == [
        "forward · hidden layer, neuron 1 · Weighted sum into h₁",
        "What is s₁? Give at least 2 significant digits.",
        "✓ Correct",
        "  s₁ = W₁₁ x₁ + W₁₂ x₂ + b₁ = 3 · 1 + 4 · 0 + (−2) = 1.000000",
        "forward · hidden layer, neuron 2 · Weighted sum into h₂",
    ]
    assert questions(talk) == ["s₁", "s₂", "h₁", "h₂", "z", "y", "E"]
    assert talk.lines.count("✓ Correct") == 6
    assert f"  y = sigmoid(z) = sigmoid({shown(K.z)}) = {shown(K.y)}" in talk.lines
    assert talk.last == "Correct / asked: z 3/3 · a 3/3", "the end of the script tells the score"
    assert on_disk(scores) == {"koehn": {"z": (3, 3), "a": (3, 3)}}


def test_a_wrong_answer_is_explained_and_never_told_its_value(script):
    talk = script(
        "koehn", "run-to h[2]", "predict", f"{K.h[0]:.4f}", f"{-K.z:.4f}", f"{K.z + 2:.4f}", "5", "0.1 0.2", "1.1"
    )
    said = talk.lines[4:]
    assert said[:5] == [
        f"{K.h[0]:.4f} is h₁, not z.",
        "Only the sign of z is wrong.",
        f"{K.z + 2:.4f} leaves out the bias b₂,₁.",
        "5 is W₂,₁, not z.",
        "Expected one number, found 2.",
    ]
    assert said[5] == "✓ Correct"
    assert shown(K.z) not in "\n".join([*talk.lines[2:4], *said[:5]])


def test_cut_digits_and_too_few_are_told(script):
    cut = f"{int(K.z * 100) / 100:.2f}"
    assert cut != f"{K.z:.2f}"
    talk = script("koehn", "run-to h[2]", "predict", "1", cut)
    assert talk.lines[4:6] == [
        "Correct so far. Give at least 2 significant digits of z.",
        "✓ Correct (truncated, not rounded)",
    ]


def test_hints_then_reveal(script, scores):
    talk = script("koehn", "run-to h[2]", "predict", "hint", "hint", "hint", "reveal", "skip")
    assert talk.lines[4:8] == [
        "  z = W₂,₁ h₁ + W₂,₂ h₂ + b₂,₁ = ?",
        f"  z = W₂,₁ h₁ + W₂,₂ h₂ + b₂,₁ = 5 · {shown(K.h[0])} + (−5) · {shown(K.h[1])} + (−2) = ?",
        f"  z = W₂,₁ h₁ + W₂,₂ h₂ + b₂,₁ = 5 · {shown(K.h[0])} + (−5) · {shown(K.h[1])} + (−2) = {shown(K.z)}",
        "forward · output layer · Activation of y",
    ]
    assert talk.lines[9] == f"  y = sigmoid(z) = sigmoid({shown(K.z)}) = {shown(K.y)}"
    assert talk.errors == ["hint: there are no more hints; reveal shows the value"]
    assert on_disk(scores) == {"koehn": {"z": (0, 1)}}, "what is skipped is not counted"


def test_step_shows_the_value_and_asks_for_the_next_and_back_asks_again(script):
    talk = script("koehn", "predict", "step", "", "step 1", "back", "score")
    assert questions(talk) == ["s₁", "s₂", "h₁", "h₂", "h₁"]
    assert f"  h₁ = sigmoid(s₁) = sigmoid(1) = {shown(K.h[0])}" in talk.lines
    assert talk.lines[-4:-1] == [
        "   Kind of step  Correct / asked  First try  Later  Revealed",
        "z  weighted sum            0 / 2          0      0         2",
        "a  activation              0 / 1          0      0         1",
    ]


def test_whole_vectors_and_single_products_are_asked_for(script):
    talk = script("koehn", "predict", "out", "out", f"{K.s[0]} {K.s[1]}", f"0.73 {K.h[1]:.2f}", "into", "into", "into")
    assert questions(talk)[:3] == ["s₁", "s", "h"]
    assert talk.lines.count("✓ Correct") == 2
    assert f"  h = sigmoid(s) = [{shown(K.h[0])}, {shown(K.h[1])}]" in talk.lines
    assert questions(talk)[-1] == "W₂,₁ h₁"
    assert talk.errors == ["out: whole phases cannot be predicted", "into: there is no finer grain"]
    assert (
        "Whole phases cannot be predicted. Choose a finer level of detail."
        in script("koehn", "predict", "grain pass").lines
    )


def test_at_the_end_of_the_pass_an_empty_line_begins_the_next(script):
    talk = script("koehn", "last", "back", "predict", f"{K.updated().b2:.4f}", "", "p update", "quit")
    place = talk.lines.index(AT_END)
    assert talk.lines[place - 2 : place] == [
        "✓ Correct",
        f"  b₂,₁ ← b₂,₁ + Δb₂,₁ = −2 + {shown(K.delta_2)} = {shown(K.updated().b2)}",
    ]
    assert talk.lines[place + 1] == "update 1 · epoch 0 · example 3: (0, 1) → 1"
    assert questions(talk) == ["b₂,₁", "s₁"]
    assert "update = 1.000000" in talk.lines


def test_what_needs_no_arithmetic_is_asked_for_if_one_wants(script):
    skipping, all_of_them = (script("koehn", "grain term", word, *["skip"] * 4) for word in ("predict", "predict all"))
    assert "b₁" not in questions(skipping)
    assert questions(all_of_them)[:4] == ["W₁₁ x₁", "W₁₂ x₂", "b₁", "s₁"]


def test_nothing_is_told_ahead_of_the_question(script):
    talk = script("koehn", "run-to z", "predict", "find 0.7426", "health", "p y", "why y", "values", "set b2 = 0.5",
                  "info changes", "branch open", "branch compare Main")  # fmt: skip
    assert talk.errors == [
        f"find: {COVERED}",
        f"health: {COVERED}",
        "why: y is not known yet; it is computed at step 6, Activation of y",
    ]
    told = "\n".join(talk.lines)
    edited = Koehn(b2=0.5)
    assert shown(K.y) not in told
    assert shown(edited.y) not in told
    assert f"  z: {shown(K.z)} → {shown(edited.z)} (+2.500000)" in talk.lines
    assert "mean loss" not in told
    assert questions(talk) == ["y", "y"]


def test_what_is_not_asked_for_is_one_line_each(script):
    talk = script("koehn", "0.7", "hint", "answer 3", "skip", "reveal", "predict off", "predict x", "predict",
                  "answer", "score x", "predict off", "hint")  # fmt: skip
    assert talk.errors == [
        "0.7: unknown command; help lists the commands",
        "hint: there is nothing to predict here",
        "answer: there is nothing to predict here",
        "skip: there is nothing to predict here",
        "reveal: there is nothing to predict here",
        "predict: predicting is off",
        "predict: 'x' is not one of all, off",
        "answer: the answer is missing, as in: answer 0.73",
        "score: 'x' is not one of forget",
        "hint: there is nothing to predict here",
    ]


def test_the_score_goes_on_next_time_and_along_with_branches_and_is_forgotten(script, scores):
    script("koehn", "predict", "1", "-3", "-2", "predict off")
    talk = script("koehn", "predict", "1", "branch open", "-2", "branch switch 1", "-2", "score")
    # Right later, right at once, and in the branch; back in Main the same question of the same pass counts no more.
    assert talk.lines[-2] == "z  weighted sum            4 / 4          3      1         0"
    assert on_disk(scores) == {"koehn": {"z": (4, 4)}}
    assert script("koehn", "score", "score forget", "score").lines[-2:] == [
        *["Nothing has been predicted in this lesson yet."] * 2,
    ]
    assert on_disk(scores) == {}


def test_a_spoilt_score_file_is_set_aside_and_told_in_a_line(script, scores):
    scores.parent.mkdir(parents=True)
    scores.write_text("{spoilt", encoding="utf-8")
    talk = script("koehn", "predict", "1")
    assert talk.lines[0] == "The score file cannot be read: it is not JSON. It was renamed to scores.unread-1.json."
    assert on_disk(scores) == {"koehn": {"z": (1, 1)}}
