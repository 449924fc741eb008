"""What a file of people would change: `planning` holds each row against what `loading` finds, in terms of `objects`."""
