"""What the codes, times and states of promises are called, in the language of the reader."""
