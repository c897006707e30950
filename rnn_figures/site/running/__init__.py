"""What runs the code of pages: worker processes, their cache, and what a result depends on."""
