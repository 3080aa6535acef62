--- The input of MkDocs: the Markdown pages of the tree, a page for each file of the tree that they link to,
-- and the configuration with the navigation.

local links = require "bin.generate.site.links"
local navigation = require "bin.generate.site.navigation"
local tree = require "bin.generate.site.tree"

local stage = {}

-- Pages that are in the site even if no page links to them; the others are reached from these.
local function first_pages()
  local list = { "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md" }
  for _, path in ipairs(tree.files "docs") do
    if path:find "%.md$" then list[#list + 1] = path end
  end
  return list
end

-- By the end of a file's name, the language of its code; others are shown as text.
local LANGUAGES = { lua = "lua", c = "c", h = "c", sh = "sh", json = "json", conf = "nginx", py = "python" }

-- Files that a browser shows itself, and that are copied as they are.
local COPIED = { svg = true, html = true, png = true }

local function code_page(path)
  local text, fence = tree.read(path), "```"
  while text:find(fence, 1, true) do fence = fence .. "`" end
  local name = path:match "%.(%w+)$"
  local language = LANGUAGES[name] or text:find "^#!/bin/sh" and "sh" or "text"
  return ("# %s\n\n%s%s\n%s\n%s\n"):format(path, fence, language, (text:gsub("\n$", "")), fence)
end

-- Folders whose pages list the files of the folders within, too.
local DEEP = { examples = true, docs = true, types = true }

local function folder_page(folder)
  local lines = { "# Files of " .. folder, "" }
  for _, path in ipairs(tree.files(folder)) do
    local name = path:sub(#folder + 2)
    if DEEP[path:match "^[^/]*"] then
      lines[#lines + 1] = ("* [%s](%s)"):format(name, name)
    elseif not name:find "/" then
      lines[#lines + 1] = ("* `%s`"):format(name)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The file of the site's input that stands for a path of the tree, relative to the tree; nil where there is
-- nothing at that path.
local function page_of(path)
  if path == "" then return "README.md" end
  if tree.is_folder(path) then
    return tree.is_file(path .. "/README.md") and path .. "/README.md" or path .. "/index.md"
  end
  if not tree.is_file(path) then return nil end
  if path:find "%.md$" or COPIED[path:match "%.(%w+)$"] then return path end
  return path .. ".md"
end

-- A path of the tree as a link of the page `from`.
local function relative(from, path)
  local up = links.folder(from):gsub("[^/]+/", "../")
  return up .. path
end

--- Writes the input into `folder`; `site`: the folder of the site. Both are absolute paths.
function stage.write(folder, site)
  tree.clear(folder)
  local waiting, seen, titles = {}, {}, {}
  local function add(path)
    if not seen[path] then
      seen[path] = true
      waiting[#waiting + 1] = path
    end
  end
  for _, path in ipairs(first_pages()) do add(path) end

  local at = 0
  while waiting[at + 1] do
    at = at + 1
    local path = waiting[at]
    local page = page_of(path)
    local text
    if page == path and not page:find "%.md$" then
      text = tree.read(path)
    else
      text = tree.is_folder(path) and not tree.is_file(page) and folder_page(path)
        or tree.is_file(page) and tree.read(page) or code_page(path)
      text = links.rewrite(text, function(target)
        local file, anchor = target:match "^([^#]*)(.*)$"
        if file == "" or links.is_outside(target) then return nil end
        local named = links.resolve(page, file)
        local other = named and page_of(named)
        if not other then return nil end -- MkDocs and the check of the site say so
        add(named)
        return relative(page, other) .. anchor
      end)
      titles[page] = text:match "^#%s+([^\n]+)" or text:match "\n#%s+([^\n]+)"
    end
    tree.write(folder .. "/docs/" .. page, text)
  end

  tree.write(folder .. "/mkdocs.yml", navigation.config(tree.root() .. "/bin/generate/site", site, titles))
end

return stage
