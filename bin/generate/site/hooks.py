"""Hooks of MkDocs for the documentation site: headings get the anchors that GitHub gives them, Markdown is read as
GitHub reads it where the two differ, and the search works from files."""

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


def _list_indent(lines):
    """Python-Markdown wants four blanks where CommonMark takes the width of the list's sign."""
    fence = None
    for line in lines:
        mark = re.match(r"\s*(```+|~~~+)", line)
        blanks = len(line) - len(line.lstrip(" "))
        if fence is None and blanks and blanks < 4 and line.strip():
            line = "    " + line.lstrip(" ")
        elif fence is not None and fence_indent and blanks >= fence_indent:
            line = "    " + line[fence_indent:]
        if mark:
            if fence is None:
                fence, fence_indent = mark.group(1), blanks
            elif line.strip() == fence:
                fence = None
        yield line


def on_page_markdown(markdown, page, config, files):
    return "\n".join(_list_indent(markdown.split("\n")))


def on_post_build(config):
    site = config["site_dir"]
    with open(os.path.join(site, "search", "search_index.json"), encoding="utf-8") as file:
        index = json.load(file)
    workers = glob.glob(os.path.join(site, "assets", "javascripts", "workers", "search.*.js"))
    with open(workers[0], encoding="utf-8") as file:
        worker = re.sub(r"\n//# sourceMappingURL=.*", "", file.read())
    # "</" would end a script that somebody pastes into a page.
    # A list of the pages by date and full address, which a site without an address of its own does not have.
    for name in glob.glob(os.path.join(site, "sitemap.xml*")):
        os.remove(name)
    text = "var __search={index:Promise.resolve(%s)};\n" % json.dumps(index, sort_keys=True).replace("</", "<\\/")
    text += (
        "if(location.protocol==='file:'){(function(){var Real=Worker,source=%s;"
        "Worker=function(){return new Real(URL.createObjectURL(new Blob([source],{type:'text/javascript'})))}"
        "})()}\n"
    ) % json.dumps(worker).replace("</", "<\\/")
    with open(os.path.join(site, "search", "offline.js"), "w", encoding="utf-8") as file:
        file.write(text)
