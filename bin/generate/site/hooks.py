"""Hooks of MkDocs for the documentation site: headings get the anchors that GitHub gives them, Markdown is read
as GitHub reads it where the two differ, and the search works from files."""

import glob
import json
import os
import re


def github_slug(text, separator):
    """The anchor of a heading: letters, digits, "_" and "-" in lower case, a hyphen for each blank."""
    kept = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return kept.replace(" ", separator)


def on_config(config):
    config["mdx_configs"].setdefault("toc", {})["slugify"] = github_slug
    return config


def _inline_as_github(line):
    """Within code, "|" without the backslash that a table needs; outside of it, "***" between blanks as it is."""
    parts = re.split(r"(`+[^`]*`+)", line)
    for i, part in enumerate(parts):
        if part.startswith("`"):
            parts[i] = part.replace("\\|", "|") if line.startswith("|") else part
        else:
            parts[i] = re.sub(r"(?<=\s)\*{2,}(?=\s)", lambda stars: "\\*" * len(stars.group()), part)
    return "".join(parts)


def _as_github(lines):
    """Markdown as GitHub reads it, for Python-Markdown, which wants four blanks where CommonMark takes the width
    of the list's sign, and an empty line before a list."""
    fence, indent, before = None, 0, ""
    for line in lines:
        mark = re.match(r"\s*(```+|~~~+)", line)
        blanks = len(line) - len(line.lstrip(" "))
        if fence is None and mark:
            fence, indent = mark.group(1), blanks if blanks < 4 else 0
            line = ("    " if indent else "") + line[indent:]
        elif fence is None:
            line = _inline_as_github(line)
            if re.match(r"[-*+] ", line) and before.strip() and not re.match(r" |[-*+] ", before):
                yield ""
            if 0 < blanks < 4 and line.strip():
                line = "    " + line.lstrip(" ")
        else:
            if line.strip() == fence:
                fence = None
            if indent and blanks >= indent:
                line = "    " + line[indent:]
        before = line
        yield line


def on_page_markdown(markdown, page, config, files):
    return "\n".join(_as_github(markdown.split("\n")))


def on_post_build(config):
    site = config["site_dir"]
    with open(os.path.join(site, "search", "search_index.json"), encoding="utf-8") as file:
        index = json.load(file)
    workers = glob.glob(os.path.join(site, "assets", "javascripts", "workers", "search.*.js"))
    with open(workers[0], encoding="utf-8") as file:
        worker = re.sub(r"\n//# sourceMappingURL=.*", "", file.read())
    # A list of the pages by date and full address, which a site without an address of its own does not have.
    for name in glob.glob(os.path.join(site, "sitemap.xml*")):
        os.remove(name)
    # "</" would end a script that somebody pastes into a page.
    index = json.dumps(index, sort_keys=True).replace("</", "<\\/")
    text = "var __search={index:Promise.resolve(%s)};\n" % index
    text += (
        "if(location.protocol==='file:'){(function(){var Real=Worker,source=%s;"
        "Worker=function(){return new Real(URL.createObjectURL(new Blob([source],{type:'text/javascript'})))}"
        "})()}\n"
    ) % json.dumps(worker).replace("</", "<\\/")
    with open(os.path.join(site, "search", "offline.js"), "w", encoding="utf-8") as file:
        file.write(text)
