"""What the examination of every page finds, so that its finding nothing means something."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

PAGE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main>'


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    made = Visitor(chromium, "about:blank", width=320)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ('<img src="data:,">', "image-alt"),
        ('<p id="a">One</p><p aria-describedby="b">Two</p>', "aria-describedby=b"),
        ("<p><code>{}</code></p>".format("long" * 40), "scrolls sideways"),
        ("<script>throw new Error('not caught')</script>", "not caught"),
    ],
)
def test_what_is_wrong_on_a_page_is_found(visitor: Visitor, fault: str, sentence: str) -> None:
    visitor.page.set_content(PAGE.format(fault))
    with pytest.raises(AssertionError, match=re.escape(sentence)):
        visitor.examine("wrong")


def test_a_page_with_nothing_wrong_passes(visitor: Visitor) -> None:
    visitor.page.set_content(PAGE.format("<p>Nothing is wrong here.</p>"))
    visitor.examine("right")
