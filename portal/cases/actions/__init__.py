"""The only writers of cases. Web, mail, API, chat, jobs and commands call them.

`opening` opens a case; `conversation` adds messages; `resolution` and `reopening` end a case and start it again; `desk`
holds the verbs of staff; `reply_with_status` combines a reply with a verb; `details` edits; `people` admits and
excludes; `links` merges and moves; `bulk` changes many cases. `request_types`, `severity_levels`, `severity_question`,
`status_words` and `defaults` write the provider's configuration.
"""
