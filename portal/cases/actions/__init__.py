"""The only writers of cases: web, mail, API, chat, jobs and commands call these.

`submit` opens; `conversation` speaks; `resolution` ends and begins again; `work` is the desk's; `details` edits;
`people` lets in and keeps out; `linking` merges and moves; `timers` is the clock's part.
"""
