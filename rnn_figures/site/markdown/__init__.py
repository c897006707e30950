"""The Markdown extensions: fences, mathematics, prose.

errors       what stops a build, with page and line
parsing      a page in pieces: text, fences, inline values
releases     how a message reads in other releases of torch
predictions  questions, their right choice marked
page_build   one page while it is built
fences       the extension that runs a page's code
mathematics  the extension that turns TeX into MathML
prose        the extension for what authors write between figures
"""
