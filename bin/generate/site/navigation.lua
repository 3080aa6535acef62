--- The navigation of the site: which page stands in which section, in which order.

local links = require "bin.generate.site.links"
local tree = require "bin.generate.site.tree"

local navigation = {}

-- Each section: its title, and its pages or patterns of them. A page is in the first section that names it;
-- what nothing names is reached by links and the search only.
local SECTIONS = {
  { "Start", "README%.md", "docs/install%.md", "docs/your%-vendor%.md", "docs/README%.md" },
  { "How to", "docs/how%-to/.*" },
  { "Explanation", "docs/explain/.*" },
  { "Reference", "docs/reference%.md", "docs/command%.md", "docs/errors%.md", "docs/vendors%.md",
    "docs/reference/.*" },
  { "Guides", "docs/desired%-state%.md", "docs/drift%.md", "docs/hosts%.md", "docs/haproxy%.md",
    "docs/embedding%.md", "docs/descriptions%.md", "docs/reliability%.md", "docs/[^/]*%.md" },
  { "Examples", "examples/index%.md" },
  { "Project", "CHANGELOG%.md", "SECURITY%.md", "CONTRIBUTING%.md" },
}

-- A page that only lists the files of a folder, and that links lead to.
local HIDDEN = { ["docs/reference/index.md"] = true }

-- The order in which docs/README.md names the pages; the others follow by name.
local function places()
  local order, count = {}, 0
  if tree.is_file "docs/README.md" then
    links.rewrite(tree.read "docs/README.md", function(target)
      local path = links.resolve("docs/README.md", (target:gsub("#.*", "")))
      if path and not order[path] then
        count = count + 1
        order[path] = count
      end
    end)
  end
  return order
end

-- The title of a page in the navigation.
local TITLES = { ["README.md"] = "Overview", ["docs/README.md"] = "All pages",
  ["docs/how-to/README.md"] = "All jobs", ["examples/index.md"] = "All examples" }

-- YAML in double quotes.
local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

-- A heading without the signs of Markdown.
local function plain(title)
  return (title:gsub("`", ""):gsub("%[([^%]]*)%]%b()", "%1"):gsub("%s+$", ""))
end

--- The text of mkdocs.yml. `base`: the folder with the configuration that it extends; `site`: the folder that
-- the site is built in, both as absolute paths; `titles`: by the path of each page.
function navigation.config(base, site, titles)
  local order, pages, taken = places(), {}, {}
  for path in pairs(titles) do pages[#pages + 1] = path end
  table.sort(pages, function(a, b)
    local one, other = order[a] or math.huge, order[b] or math.huge
    if one ~= other then return one < other end
    return a < b
  end)
  local lines = {
    "INHERIT: " .. quoted(base .. "/mkdocs.yml"), "docs_dir: docs", "site_dir: " .. quoted(site),
    "theme:", "  custom_dir: " .. quoted(base .. "/theme"),
    "hooks:", "  - " .. quoted(base .. "/hooks.py"), "nav:",
  }
  for _, section in ipairs(SECTIONS) do
    local entries = {}
    for i = 2, #section do
      for _, path in ipairs(pages) do
        if not (taken[path] or HIDDEN[path]) and path:find("^" .. section[i] .. "$") then
          taken[path] = true
          local title = TITLES[path] or plain(titles[path])
          entries[#entries + 1] = ("      - %s: %s"):format(quoted(title), quoted(path))
        end
      end
    end
    if entries[1] then
      lines[#lines + 1] = "  - " .. quoted(section[1]) .. ":"
      for _, entry in ipairs(entries) do lines[#lines + 1] = entry end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return navigation
