"""Text in format=flowed (RFC 3676): lines that were broken for width become paragraphs again."""


def join_flowed(text: str, *, delete_spaces: bool) -> str:
    """*text* with its soft line breaks removed. Quoted lines are joined only inside their depth."""
    done: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare
        signature = bare in ("-- ", "--")
        if open_depth == depth and not signature and done:
            done[-1] += bare
        else:
            done.append(f"{'>' * depth} {bare}" if depth else bare)
        open_depth = depth if bare.endswith(" ") and not signature else None
        if open_depth is not None and delete_spaces:
            done[-1] = done[-1][:-1]
    return "\n".join(done)
