--- Links of Markdown pages, and paths that are relative to one another.

local links = {}

--- The folder of a path with its "/" at the end, "" for the tree's own.
function links.folder(path) return path:match "^(.*/)" or "" end

--- The path of `target` as seen from the page `from`: ("docs/a.md", "../x") -> "x". nil where it leaves the
-- tree.
function links.resolve(from, target)
  local parts = {}
  for part in (links.folder(from) .. target):gmatch "[^/]+" do
    if part == ".." then
      if not parts[1] then return nil end
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

--- Whether a link names something else than a file of the tree or an anchor.
function links.is_outside(target) return target:find "^%a[%w+.-]*:" ~= nil or target:find "^//" ~= nil end

--- Calls `change(target)` for each link of `markdown` that stands outside of code, and puts the text that it
-- returns in the link's place; nil leaves the link as it is.
function links.rewrite(markdown, change)
  local lines, fence = {}, nil
  for line in (markdown .. "\n"):gmatch "([^\n]*)\n" do
    local mark = line:match "^%s*(```+)"
    if mark and not fence then
      fence = mark
    elseif mark and line:match "^%s*(```+)%s*$" and #mark >= #fence then
      fence = nil
    elseif not fence then
      line = line:gsub("(%]%()([^)%s]+)", function(before, target)
        local new = change(target)
        return new and before .. new or nil
      end)
    end
    lines[#lines + 1] = line
  end
  return (table.concat(lines, "\n"):gsub("\n$", ""))
end

return links
