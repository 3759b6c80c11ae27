"""A web page read strictly: what is not closed, or closed twice, is an error."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """Its elements as (tag, attributes), the texts of some of them, its tables as rows of cells."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.tables = [], [], []
        self.texts = {}  # by tag: one text for each element
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data
        if any(tag in ("td", "th") for tag in self.open):
            self.tables[-1][-1][-1] += data

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.elements if name in attrs]

    def table(self, *header):
        """The rows of the table with this header."""
        (rows,) = (t[1:] for t in self.tables if tuple(plain(c) for c in t[0]) == header)
        return [[plain(cell) for cell in row] for row in rows]


def plain(text):
    """A text with its white space made even."""
    return " ".join(text.split())
