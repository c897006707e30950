import json

from rnn_figures.site.search import completed, questions, words

INDEX = {
    "config": {"lang": ["en"]},
    "docs": [
        {"location": "anatomy/gru/", "title": "GRU", "text": "<p>Two gates.</p>"},
        {"location": "anatomy/gru/#z", "title": "z", "text": "<p>A slider.</p>"},
    ],
}


def completed_texts(descriptions, asked):
    index = json.loads(completed(json.dumps(INDEX), descriptions, asked))

    assert index["config"] == INDEX["config"]
    return [section["text"] for section in index["docs"]]


def test_questions_leads_each_text_to_its_place_in_the_site():
    content = """<ul>
<li><a href="../../anatomy/gru/#z">Does <code>z</code> keep?</a></li>
<li><a href="#seed">The same numbers</a></li>
<li><a href="../../anatomy/gru/#z">Keep or replace?</a></li>
</ul>
<p>See <a href="../../notation/">Notation</a>.</p>
<ul><li>An item with a <a href="../../notation/">link</a>.</li></ul>"""

    assert questions(content, "answers/questions/") == {
        "anatomy/gru/#z": ["Does <code>z</code> keep?", "Keep or replace?"],
        "answers/questions/#seed": ["The same numbers"],
    }


def test_completed_puts_a_description_before_a_page():
    texts = completed_texts({"anatomy/gru/": "r < 1 & z's"}, {})

    assert texts == ["<p>r &lt; 1 &amp; z's</p> <p>Two gates.</p>", "<p>A slider.</p>"]


def test_completed_keeps_what_a_section_is_asked_apart_from_what_it_says():
    index = json.loads(completed(json.dumps(INDEX), {}, {"anatomy/gru/#z": ["Keep?", "Why?"]}))

    assert [section.get("asked") for section in index["docs"]] == [None, ["Keep?", "Why?"]]
    assert index["docs"][1]["text"] == "<p>A slider.</p>"


def test_completed_leaves_out_lists_of_questions_and_keeps_the_cards_below_them():
    page = "answers/questions/"
    texts = {
        page: "<p>Find yours.</p>",
        f"{page}#training": "<ul> <li>Why is the loss NaN?</li> </ul>",
        f"{page}#seed": "<pre><code>torch.manual_seed(0)</code></pre>",
        "inside/recall/#look-up": "<ul> <li>Arjovsky 2016</li> </ul>",
    }
    docs = [{"location": place, "title": "", "text": text} for place, text in texts.items()]

    index = json.loads(completed(json.dumps({"docs": docs}), {}, {}))

    assert {section["location"] for section in index["docs"]} == {*texts} - {f"{page}#training"}


def test_completed_changes_nothing_where_nothing_is_known():
    texts = completed_texts({"elsewhere/": "Elsewhere."}, {"elsewhere/#a": ["Where?"]})

    assert texts == [section["text"] for section in INDEX["docs"]]


def test_words_are_those_of_captions_and_of_code_without_what_is_drawn():
    figure = (
        '<figure class="rnn-figure rnn-figure--table" id="a">\n<div>0.5</div>\n'
        "<figcaption>Look.</figcaption>\n"
        '<section class="rnn-figure__more" data-search-exclude><div>0.5</div></section>\n</figure>'
    )
    code = '<div class="highlight"><pre><span class="n">nn</span>.LSTM</pre></div>'
    drawing = '<svg class="x" width="1" /><svg><g><text>h</text></g></svg>'

    assert words(f"<h2>One</h2>{figure}{code}{drawing}<p>Two</p>") == (
        '<h2>One</h2><figure class="rnn-figure rnn-figure--table" id="a">\n\n'
        "<figcaption>Look.</figcaption>\n\n</figure>"
        '<div class="highlight"><pre>nn.LSTM</pre></div><p>Two</p>'
    )


def test_words_of_a_drawing_without_a_frame_end_where_it_ends():
    run = '<div class="rnn-figure__drawing"><svg><g/></svg></div><p>Between</p>'
    figure = '<figure class="rnn-figure a">\n1\n<figcaption>Look.</figcaption></figure>'

    assert "<p>Between</p>" in words(run + figure)


def test_a_notebook_counts_less_than_a_page_with_the_same_words():
    docs = [{"location": f"{folder}/recall/", "text": ""} for folder in ("inside", "notebooks")]

    page, notebook = json.loads(completed(json.dumps({"docs": docs}), {}, {}))["docs"]

    assert notebook["boost"] < page.get("boost", 1)
