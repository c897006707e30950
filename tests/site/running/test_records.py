"""What passes through the pipes between the build and its workers."""

import io

from rnn_figures.site.running.records import Fence, Result, received, send


def test_received_gives_what_was_sent_until_the_stream_ends():
    stream = io.BytesIO()
    records = [Fence(kind="run", code="1", line=2), Result(html="<p>", reads={"a": "b"})]
    for record in records:
        send(stream, record)
    stream.seek(0)

    assert list(received(stream)) == records


def test_received_ends_where_a_record_is_cut_short():
    stream = io.BytesIO()
    for number in (1, 2):
        send(stream, Result(plain=str(number)))

    shown = list(received(io.BytesIO(stream.getvalue()[:-5])))

    assert shown == [Result(plain="1")]


def test_opening_line_is_above_the_code_but_for_a_value():
    assert Fence(kind="run", code="", line=5).opening_line == 4
    assert Fence(kind="value", code="1", line=5).opening_line == 5
