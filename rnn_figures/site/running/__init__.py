"""What runs the code of pages: worker processes, their cache, and what a result depends on.

On the side of the build, which imports no torch:

records    what passes between a page, the build and its workers
names      which names some code uses, and where the public names are
digests    what of the package some code reaches
cache      results, kept by content
process    a worker process: asked, waited for, killed
runner     the fences of one page, from the cache or from a worker
pool       the pages of a build, several at once

On the side of the worker, which `__main__` is:

worker     a page's fences, one after another
executing  one fence, run as a notebook runs a cell
prelude    what a fence has without importing it
showing    what a fence gave, as HTML and as Markdown
"""
