--- Markdown pages for specs: their blocks of code, their links, and the anchors of their headings.

local system = require "spec.support.system"

local markdown = {}

--- Every page of the tree, by its path from the root.
function markdown.pages()
  local list = {}
  local found = system.output [[
    find . -name build -prune -o -name '.*' -path './.?*' -prune -o -name '*.md' -print]]
  for path in found:gmatch "[^\n]+" do list[#list + 1] = (path:gsub("^%./", "")) end
  table.sort(list)
  return list
end

-- The lines of a text outside of blocks of code, each with its number.
local function prose(text)
  local lines, number, fence = {}, 0, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    local mark = line:match "^%s*(```+)"
    if mark and not fence then
      fence = mark
    elseif mark and #mark >= #fence then
      fence = nil
    elseif not fence then
      lines[#lines + 1] = { number = number, text = line }
    end
  end
  return lines
end

--- The blocks of code of a text, each as { kind =, line =, text = }; `kind` is what stands behind the fence.
function markdown.blocks(text)
  local list, block, number = {}, nil, 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    local kind = line:match "^```(.*)$"
    if kind and not block then
      block = { kind = kind, line = number + 1, lines = {} }
    elseif kind then
      block.text = table.concat(block.lines, "\n") .. (block.lines[1] and "\n" or "")
      list[#list + 1] = block
      block = nil
    elseif block then
      block.lines[#block.lines + 1] = line
    end
  end
  return list
end

--- The links of a text, each as { line =, target = }. Code has none.
function markdown.links(text)
  local list, whole, starts = {}, {}, {}
  -- The text of a link may go over the end of a line.
  local length = 0
  for _, line in ipairs(prose(text)) do
    local plain = line.text:gsub("``.-``", ""):gsub("`[^`]*`", function(code) return ("x"):rep(#code) end)
    starts[#starts + 1] = { at = length + 1, number = line.number }
    whole[#whole + 1] = plain
    length = length + #plain + 1
  end
  local joined = table.concat(whole, "\n")
  local index = 1
  for at, target in joined:gmatch "()%]%(([^%s)]+)[^)]*%)" do
    while starts[index + 1] and starts[index + 1].at <= at do index = index + 1 end
    list[#list + 1] = { line = starts[index].number, target = target }
  end
  for _, line in ipairs(prose(text)) do
    local target = line.text:match "^%[[^%]]+%]:%s*<?([^%s>]+)"
    if target then list[#list + 1] = { line = line.number, target = target } end
  end
  return list
end

-- The anchor that GitHub makes of a heading. Letters outside of ASCII stay; dashes and dots of typography go.
local function slug(heading)
  local text = heading:gsub("%s+#*%s*$", ""):gsub("%[([^%]]*)%]%([^)]*%)", "%1")
  text = text:gsub("\226\128[\144-\175]", ""):lower()
  return (text:gsub("[%z\1-\127]", function(c)
    if c:find "[%w_%-]" then return c end
    return c == " " and "-" or ""
  end))
end

--- The anchors of a text: a set.
function markdown.anchors(text)
  local set, seen = {}, {}
  for _, line in ipairs(prose(text)) do
    local heading = line.text:match "^#+%s+(.*)$"
    if heading then
      local name = slug(heading)
      local count = seen[name]
      seen[name] = (count or 0) + 1
      set[count and name .. "-" .. count or name] = true
    end
    for name in line.text:gmatch '<a %a+="([^"]+)"' do set[name] = true end
  end
  return set
end

return markdown
