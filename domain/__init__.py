"""What we talk about: the nouns and the pure rules of hubbub. No I/O, no clock, no third party."""
