"""One name with all that means something to a page, a table, a formula or a program."""

# Matplotlib cannot read what is between the dollars as a formula, and would raise.
NAME = (
    '</script><img src=x onerror=\'alert(1)\'>\n```\n| $\\frac$ & `a` """ **b** _c_ '
    "[d](http://e) {{ f }} %s &lt; \\"
)
FILE = NAME.replace("/", "-")  # what a file can be called


def one_line(text):
    """The text as it can be read on a page, or in a table."""
    return " ".join(text.split())
