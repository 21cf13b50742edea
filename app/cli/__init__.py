"""The command line `hubbub`: one file per command, main.py is the entrance."""
