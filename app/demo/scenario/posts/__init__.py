"""The posts, one JSON line each; a package so that wheels carry the files."""
