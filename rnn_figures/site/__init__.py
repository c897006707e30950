"""docs/ -> site: the MkDocs plugin and what it generates.

running/      what runs the code of pages
markdown/     the Markdown extensions
plugin        the plugin: files beside the pages, and pages that nobody wrote
kept_pages    pages kept as they were rendered, while `mkdocs serve` runs
theme         Material, but for what takes time and does nothing
generated     style sheets, weights, drawings and the picture for links
colours       the palette's style sheet, and the letters of a page
cards         a page that is looked up, its parts closed
atlas         a page for every configuration and form of input
notebooks     notebooks as downloads and as pages
reference     the names of the reference page
search        the search index, completed
llms          the site for programs that read
link_picture  the picture that a link to the site shows
lattice       the files that `<rnn-lattice>` fetches
typed         the drawings that `<rnn-typed>` writes into
export        every figure as files, and two such folders compared
"""
