"""What a student is punished for: another answer than its teacher's, on rows with and without labels of their own."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed for training only and is not installed")

from sentiment.training.losses import Targets, distilled, far_from, labelled  # noqa: E402
from sentiment.training.rows import MISSING  # noqa: E402


def unlabelled(taught: object, rows: int = 2) -> Targets:
    missing = torch.full((rows,), MISSING)
    return Targets(missing, missing, missing, torch.zeros(rows), taught)


def test_a_student_without_a_teacher_is_refused() -> None:
    with pytest.raises(ValueError, match="logits of a teacher"):
        distilled(torch.zeros(2, 12), unlabelled(None))


def test_rows_without_labels_cost_nothing_but_the_distance_to_the_teacher() -> None:
    taught = torch.randn(2, 12, generator=torch.Generator().manual_seed(1))
    assert labelled(taught, unlabelled(taught)).item() == 0
    same, other = distilled(taught, unlabelled(taught)), distilled(-taught, unlabelled(taught))
    assert same < other


def test_following_the_teacher_ends_at_its_answers() -> None:
    taught = torch.tensor([[2.0, 0, -1, 3, 1, 0, 0, 0, 0, 0, 0, 2], [-1.0, 2, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0]])
    student = torch.zeros(2, 12, requires_grad=True)
    optimiser = torch.optim.Adam([student], lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        distilled(student, unlabelled(taught)).backward()
        optimiser.step()
    assert torch.allclose(student[:, :3].softmax(1), taught[:, :3].softmax(1), atol=0.02)
    assert torch.allclose(student[:, 3].sigmoid(), taught[:, 3].sigmoid(), atol=0.02)
    assert torch.allclose(student[:, 4:].softmax(1), taught[:, 4:].softmax(1), atol=0.02)


def test_kinds_of_what_is_no_complaint_to_the_teacher_hardly_count() -> None:
    calm, angry = torch.zeros(1, 12), torch.zeros(1, 12)
    calm[0, 3], angry[0, 3] = -8.0, 8.0
    for taught in (calm, angry):
        taught[0, 4] = 6.0

    def pull(taught: object) -> float:
        student = torch.zeros(1, 12, requires_grad=True)
        distilled(student, unlabelled(taught, 1)).backward()
        return float(student.grad[0, 4:].abs().sum())

    assert pull(calm) < 0.01 < pull(angry)


def test_labels_have_half_a_say() -> None:
    taught = torch.zeros(1, 12)
    known = Targets(torch.tensor([2]), torch.tensor([1]), torch.tensor([0]), torch.zeros(1), taught)
    logits = torch.zeros(1, 12)
    without = distilled(logits, unlabelled(taught, 1))
    assert distilled(logits, known).item() == pytest.approx((without + 0.5 * labelled(logits, known)).item(), rel=1e-5)


def test_words_that_mean_the_same_to_both_cost_nothing_and_opposite_ones_most() -> None:
    states = torch.randn(5, 8, generator=torch.Generator().manual_seed(2))
    missing = torch.full((2,), MISSING)
    wanted = Targets(missing, missing, missing, torch.zeros(2), torch.zeros(2, 12), states)
    assert far_from(3 * states, wanted).item() == pytest.approx(0, abs=1e-6)
    assert far_from(-states, wanted).item() > far_from(torch.roll(states, 1, 0), wanted).item() > 0.1


def test_a_teacher_itself_follows_no_states() -> None:
    assert far_from(torch.ones(3, 8), unlabelled(None)).item() == 0
