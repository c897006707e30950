"""A figure in its frame, as HTML: drawing, caption, words, numbers, code, downloads, proof.

quantities  which quantity a name stands for, and its mark
svg         a drawing's SVG cleaned for a page
flat        parts where they are seen, without clips that cut nothing
compact     the same picture in fewer bytes
frame       the frame around it
"""
