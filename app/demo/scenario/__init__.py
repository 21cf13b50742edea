"""The scenario of `hubbub demo`: posts written by hand, a generated past, and the truth to check against."""
