--- patchbay import: makes a description, as a Lua file, out of an OpenAPI document.

local annotations = require "patchbay.import.annotations"
local core = require "patchbay.core"
local failure = require "patchbay.command.failure"
local import = require "patchbay.import"
local sound = require "patchbay.import.sound"
local load = require "patchbay.desired.load"
local warn_of_duplicates = require("patchbay.import.openapi").warn_of_duplicates
local write = require "patchbay.import.write"

-- Bytes of a document: the largest that is known has 40 MB.
local MOST_TEXT = 64 * 1024 * 1024

local function read(path)
  if path == "-" then return io.read "*a" end
  local file, why = io.open(path, "rb")
  if not file then failure.usage(("%s: cannot be opened: %s"):format(path, (why:gsub("^.*: ", "")))) end
  local content, problem = file:read(MOST_TEXT + 1)
  file:close()
  if not content and problem then failure.usage(("%s: cannot be read: %s"):format(path, problem)) end
  content = content or ""
  if #content > MOST_TEXT then
    failure.fail(("%s: it has more than %d MB; cut the document down to the paths that you need"):format(path,
      MOST_TEXT / 1024 / 1024))
  end
  return content
end

-- The line of a byte.
local function line_of(content, offset)
  return select(2, content:sub(1, offset - 1):gsub("\n", "")) + 1
end

-- The document, decoded in its order, and members that stand twice (see decode_ordered). It is JSON where it
-- begins with a brace, unless its name says that it is YAML.
local function document_of(content, path)
  content = content:gsub("^\239\187\191", "")
  if path:lower():find "%.ya?ml$" or not content:find "^%s*[{%[]" then
    local json, problem = require("patchbay.command.yaml").json(content)
    if not json then failure.fail(("%s: %s"):format(path, problem)) end
    return core.json.decode_ordered(json)
  end
  local document, second = core.json.decode_ordered(content)
  if document == nil then
    local line = second.offset and ":" .. line_of(content, second.offset) or ""
    failure.fail(("%s%s: %s"):format(path, line, second.message))
  end
  return document, second
end

-- The table that a Lua file of a person's returns; nil without a path.
local function table_in(path, expected)
  if not path then return nil end
  local content = read(path):gsub("^\239\187\191", "")
  if content:sub(1, 1) == "\27" then failure.fail(path .. ": it is compiled Lua; give the text") end
  local value, problem = load.table_of(content, path, expected)
  if not value then failure.fail(problem) end
  return value
end

-- The overlay of a person's file, with the older description whose names stay.
local function overlay_of(arguments)
  local overlay = table_in(arguments.overlay,
    "an overlay is a table: return { base_url = \"https://…\", … }")
  local old = table_in(arguments.keep, "a description is a table: return { name = \"acme\", … }")
  if not old then return overlay end
  local with_old = { keep = old }
  for name, value in pairs(overlay or {}) do with_old[name] = value end
  return with_old
end

local function write_report(context, path, content)
  if path == "-" then return context.out(content) end
  local file, why = io.open(path, "wb")
  local written, problem = nil, why
  if file then
    written, problem = file:write(content)
    local closed, late = file:close()
    if written and not closed then written, problem = nil, late end
  end
  if not written then failure.fail(("%s: cannot be written: %s"):format(path, tostring(problem))) end
end

-- The name of a document's file in the description, which goes elsewhere.
local function name_of(path) return path == "-" and "standard input" or (path:match "[^/]*$") end

return function(context, arguments)
  local path = arguments.document
  local content = read(path)
  local document, duplicates = document_of(content, path)
  local overlay = overlay_of(arguments)
  local description, report = import.description(document, overlay, { digest = core.journal.digest(content) })
  if not description then failure.fail(("%s: %s"):format(path, tostring(report))) end
  sound(description, report)
  warn_of_duplicates(report, content, duplicates or {})
  if arguments.report ~= "-" then
    context.out(write.text(description, annotations.comments(report), annotations.head(report,
      name_of(path))))
    context.err(("patchbay: %s\n"):format(annotations.summary(report)))
  end
  if arguments.report then write_report(context, arguments.report, tostring(report) .. "\n") end
  return failure.DONE
end
