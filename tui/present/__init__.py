"""Pure: from a window, its verdicts and a clock to lines of words, glyphs and tones."""
