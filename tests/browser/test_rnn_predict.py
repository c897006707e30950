"""A question with answers to choose from."""

import pytest


@pytest.fixture
def question(page, question_url):
    page.goto(question_url)
    return page


def test_choices_are_radio_buttons_named_by_their_answers(question):
    group = question.get_by_role("radiogroup", name="Your answer")

    assert group.get_by_role("radio").count() == 2
    assert group.get_by_role("radio", name="(4, 1, 3)").is_visible()


def test_choosing_by_keyboard_opens_the_answer_and_marks_what_it_says(question):
    question.get_by_role("radio", name="(2, 1, 3)").focus()
    question.keyboard.press("ArrowDown")

    chosen = question.locator("[data-chosen]")
    assert chosen.inner_text() == "Yes: two layers times two directions."
    assert chosen.is_visible()
    assert question.locator("[aria-live=polite]").text_content() == chosen.inner_text()


def test_an_answer_marks_the_choice_that_the_module_gave(question):
    choices = question.locator("rnn-predict > ol > li")
    assert choices.locator("..").locator("[data-found]").count() == 0

    question.get_by_role("radio", name="(2, 1, 3)").check()

    marked = question.locator("rnn-predict > ol > li[data-found]")
    assert marked.all_inner_texts() == ["(4, 1, 3)"]
    tick = "item => getComputedStyle(item.querySelector('label'), '::after').content"
    assert "✓" in marked.evaluate(tick)


def test_another_choice_moves_the_mark(question):
    question.get_by_role("radio", name="(4, 1, 3)").check()
    question.get_by_role("radio", name="(2, 1, 3)").check()

    assert question.locator("[data-chosen]").all_inner_texts() == ["No: that is one direction."]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_of_the_system_leave_the_signs_of_what_opens_and_what_is_chosen(
    question, scheme
):
    question.emulate_media(color_scheme=scheme, forced_colors="active")
    question.get_by_role("radio", name="(2, 1, 3)").check()

    ground = question.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    signs = question.locator("rnn-predict summary").evaluate(
        "box => ['::before', '::after'].map(sign => getComputedStyle(box, sign).backgroundColor)"
    )
    below = question.locator(".tabbed-labels > label").evaluate_all(
        "tabs => tabs.map(tab => getComputedStyle(tab).borderBottomColor)"
    )
    outline = question.locator("[data-chosen]").evaluate(
        "answer => getComputedStyle(answer).outlineStyle"
    )
    assert ground not in signs
    assert [line == ground for line in below] == [False, True]
    assert outline == "solid"


def test_it_is_a_list_and_a_box_without_scripts(new_tab, question_url):
    page = new_tab(java_script_enabled=False)
    page.goto(question_url)

    page.locator("rnn-predict summary").click()

    assert page.locator("rnn-predict > ol > li").all_inner_texts() == ["(2, 1, 3)", "(4, 1, 3)"]
    assert page.get_by_text("Yes: two layers").is_visible()
