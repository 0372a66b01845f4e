"""People's Markdown, made safe: a leaf module that every floor may import."""

import nh3
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

# What whoever writes is told of it, in a hint.
MARKDOWN = _("A blank line starts a new paragraph, *this* is emphasised, and - starts a point of a list.")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).disable("image")
_TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "hr"}
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def _lower_headings(tokens: list) -> list:
    """A person's headings stand below the page's own, so that the outline stays true."""
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    return tokens


def markdown(source: str) -> SafeString:
    """`source` (CommonMark, no raw HTML, no pictures) as HTML that is safe to show on a page.

    The only place where text of a person's becomes HTML: rendered without raw HTML, then reduced by nh3
    to a short list of tags, links limited to http, https and mailto and marked nofollow.
    """
    tokens = _lower_headings(_MARKDOWN.parse(source))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return SafeString(clean)
