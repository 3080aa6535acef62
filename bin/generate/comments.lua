-- Reads the LuaCATS comments of a Lua file: the one source of docs/reference.md, docs/errors.md and
-- types/patchbay.lua.
--
-- A comment documents what its next line of code defines: a function, or an entry `{ "name", … }` of a list.
-- With `@class` it documents a class; the text above a `@field` is that field's, and the words behind its
-- annotation are its type as people say it. A line of the text that begins with "Returns", or with the header
-- of a column and a colon ("Default: 30."), begins the text of that column.

local comments = {}

-- Headers of columns that a text may have lines for.
local LABELS = { Default = true, Type = true, Of = true, Call = true, When = true }

-- The end of the annotation at the start of `text`: a blank outside of brackets and quotes, and not behind
-- the colon of "fun(): type" or a comma.
local function split_annotation(text)
  local depth, quoted = 0, false
  for i = 1, #text do
    local c = text:sub(i, i)
    if c == '"' then quoted = not quoted
    elseif not quoted and c:find "[%(<{%[]" then depth = depth + 1
    elseif not quoted and c:find "[%)>}%]]" then depth = depth - 1
    elseif not quoted and depth == 0 and c == " " and not text:sub(i - 1, i - 1):find "[:,|]" then
      return text:sub(1, i - 1), text:sub(i + 1)
    end
  end
  return text
end

-- The columns of a list of lines: { text =, Returns =, Default =, … }, each without a full stop at its end.
local function columns(lines)
  local found, at = {}, "text"
  for _, line in ipairs(lines) do
    local label, rest = line:match "^(%u%l+): (.+)$"
    if label and LABELS[label] then
      at, line = label, rest
    elseif line:find "^Returns " then
      at, line = "Returns", line:match "^Returns (.+)$"
    end
    found[at] = found[at] and found[at] .. " " .. line or line
  end
  for name, text in pairs(found) do found[name] = text:gsub("([^.])%.$", "%1") end
  return found
end

-- The name that a line of code defines.
local function defined(line)
  return line:match "^%s*local function ([%w_]+)" or line:match "^%s*function [%w_]+[.:]([%w_]+)"
    or line:match "^%s*{ \"([%w_]+)\""
    or line:match "^%s*local ([%w_]+) =" or line:match "^%s*[%w_.]-([%w_]+) = "
    or line:match "^%s*return ([%w_]+)"
end

-- The type of a field in people's words, where the annotation is enough.
local function plain_words(annotation)
  if annotation == "boolean" or annotation == "integer" or annotation == "table" then return annotation end
  if annotation == "string" then return "text" end
  if annotation:find '^"[^"]*"[|"]' then return "`" .. annotation:gsub("|", "`, `") .. "`" end
end

-- A class out of the lines of its comment.
local function class_of(lines)
  local class = { fields = {}, about = {} }
  local text = {}
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^@(%a+) ?(.*)$"
    if tag == "class" then
      class.name, class.head, class.about, text = rest:match "^[%w_.]+", rest, text, {}
    elseif tag == "field" then
      local name, optional, annotation = rest:match "^([%w_]+)(%??) (.+)$"
      local field = { name = name, optional = optional }
      field.annotation, field.words = split_annotation(annotation)
      -- Fields one below the other share the text of the first.
      field.words = field.words or plain_words(field.annotation)
      local last = class.fields[#class.fields]
      if #text == 0 and last then
        field.columns, field.row = last.columns, last.row
      else
        field.columns, field.row = columns(text), {}
      end
      field.row[#field.row + 1] = field
      class.fields[#class.fields + 1], text = field, {}
    else
      text[#text + 1] = line
    end
  end
  return class
end

local function function_of(lines)
  local text, tags, params = {}, {}, {}
  for _, line in ipairs(lines) do
    if line:find "^@" then
      tags[#tags + 1] = "---" .. line
      local name = line:match "^@param ([%w_.]+)"
      if name and name ~= "self" then params[#params + 1] = name end
    else
      text[#text + 1] = line
    end
  end
  return { columns = columns(text), tags = tags, params = params }
end

-- Raises if a parameter that a comment names is none of the function's, unless these are not in its line.
local function check_params(found, line, where)
  local list = line:match "function[%w_.: ]*%(([^)]+)%)"
  if not list then return end
  for _, name in ipairs(found.params) do
    if not list:find("%f[%w_.]" .. name:gsub("%.", "%%.") .. "%f[^%w_.]") then
      error(("docs: %s: the comment names a parameter %s, which is none of (%s)"):format(where, name, list),
        0)
    end
  end
end

--- The comments of the text of a Lua file: `functions` by the name of what is defined, `classes` by name, and
-- `entries`, a class of the documented entries of lists.
function comments.parse(source)
  local found = { functions = {}, classes = {}, entries = { fields = {} } }
  local lines = {}
  for line in source:gmatch "([^\n]*)\n" do
    local comment = line:match "^%s*%-%-%- ?(.*)$" or #lines > 0 and line:match "^%s*%-%- ?(.*)$"
    if comment then
      lines[#lines + 1] = comment
    elseif #lines > 0 then
      local entry = line:match "^%s*{ \"([%w_]+)\""
      if ("\n" .. table.concat(lines, "\n")):find("\n@class ", 1, true) then
        local class = class_of(lines)
        found.classes[class.name] = class
      elseif entry then
        local field = { name = entry, optional = "?", columns = columns(lines) }
        field.words, field.row = field.columns.Type, { field }
        found.entries.fields[#found.entries.fields + 1] = field
      elseif defined(line) then
        -- The first of a name is the public one's, as a file has one concept.
        local name = defined(line)
        if not found.functions[name] then
          found.functions[name] = function_of(lines)
          check_params(found.functions[name], line, name)
        end
      end
      lines = {}
    end
  end
  return found
end

local read = {}

--- The same of a file of the tree, read once.
function comments.read(path)
  if not read[path] then
    local file = assert(io.open(path, "rb"))
    read[path] = comments.parse(file:read "*a")
    file:close()
  end
  return read[path]
end

--- The comment of the function `name` in a file; raises if it has none.
function comments.of_function(path, name)
  local found = comments.read(path).functions[name]
  if not found or not found.columns.text then
    error(("docs: no comment over the function %s in %s"):format(name, path), 0)
  end
  return found
end

--- The class `name` that a file's comments define, or "entries"; raises if there is none.
function comments.of_class(path, name)
  local all = comments.read(path)
  local class = name == "entries" and all.entries or all.classes[name]
  if not class or #class.fields == 0 then error(("docs: no fields of %s in %s"):format(name, path), 0) end
  return class
end

return comments
