-- CSV: however a file comes in, in pieces of whatever size, the rows and the lines are the same, or the same
-- mistake is named; and they are those of RFC 4180, read once more here one byte after the other. The first
-- byte of the input chooses the separator and whether there is a header.

local csv = require "patchbay.bulk.csv"

local sizes = { 1, 2, 3, 4, 5, 7, 64, 1e9 }
local separators = { ",", ";", "\t" }

local function file(text, size)
  local at = 1
  return {
    read = function(_, wanted)
      if at > #text then return nil end
      local piece = text:sub(at, at + math.min(wanted, size) - 1)
      at = at + #piece
      return piece
    end,
  }
end

-- Rows as one text, or what was raised; the second time a failed reader is asked it must fail again.
local function read(text, options, size)
  local parts = {}
  local good, why = pcall(function()
    local rows = csv(file(text, size), options)
    while true do
      local made, row, line = pcall(rows)
      if not made then
        local again, same = pcall(rows)
        assert(not again, "a reader that had failed went on")
        parts[#parts + 1] = "again " .. tostring(same == row or not row:find "header")
        error(row, 0)
      end
      if not row then break end
      local names = {}
      for name in pairs(row) do names[#names + 1] = name end
      table.sort(names)
      for i, name in ipairs(names) do names[i] = ("%q=%q"):format(name, row[name]) end
      parts[#parts + 1] = line .. ":" .. table.concat(names, ",")
    end
  end)
  if not good then parts[#parts + 1] = "raised " .. tostring(why) end
  return table.concat(parts, "\n"), good
end

-- The fields of each row, empty lines left out, with the lines they begin in; nil when something is wrong.
local function by_bytes(text, separator)
  local rows, row, field, line, began = {}, {}, {}, 1, 1
  local state, held = "start", false -- `held`: the row has something in it
  local function end_field()
    row[#row + 1], field, state = table.concat(field), {}, "start"
  end
  local function end_row()
    if held then
      end_field()
      row.line = began
      rows[#rows + 1] = row
    end
    row, field, state, held = {}, {}, "start", false
  end
  local at = 1
  while at <= #text do
    local char = text:sub(at, at)
    if state == "quoted" then
      if char == '"' then state = "closed"
      else
        field[#field + 1] = char
        if char == "\n" then line = line + 1 end
      end
    elseif char == '"' and state == "closed" then
      field[#field + 1], state = char, "quoted"
    elseif char == '"' and state == "start" then
      state, held = "quoted", true
    elseif char == '"' then
      return nil
    elseif char == separator then
      held = true
      end_field()
    elseif char == "\n" or (char == "\r" and (at == #text or text:sub(at + 1, at + 1) == "\n")) then
      if char == "\r" then at = at + 1 end
      end_row()
      line = line + 1
      began = line
    elseif char == "\r" or state == "closed" then
      return nil
    else
      field[#field + 1], state, held = char, "plain", true
    end
    at = at + 1
  end
  if state == "quoted" then return nil end
  end_row()
  return rows
end

-- Whether the first line is a mark of the file's encoding or separator, or may be taken for one.
local function is_marked(text)
  local line = text:match "^[^\n]*"
  return line:find "%z" or line:lower():find '^"?sep=.'
end

local function against_bytes(text, separator)
  local body = text:gsub("^\239\187\191", "")
  if is_marked(body) then return end
  local utf16 = text:find "^\255\254" or text:find "^\254\255"
  local expected = not utf16 and by_bytes(body, separator)
  -- As many columns as the first row has.
  local names, columns = {}, expected and expected[1] and #expected[1] or 1
  for i = 1, columns do names[i] = "c" .. i end
  local list = {}
  local good, why = pcall(function()
    for row, line in csv(file(text, 5), { header = names, separator = separator }) do
      list[#list + 1] = { row, line }
    end
  end)
  if not expected then return assert(not good, "what is wrong was read") end
  for i, row in ipairs(expected) do
    if #row ~= columns then
      return assert(not good and why:find "field", "a row of another length was taken")
    end
    assert(list[i] and list[i][2] == row.line, "row " .. i .. " begins in line " .. row.line)
    for column = 1, columns do assert(list[i][1][names[column]] == row[column], "row " .. i) end
  end
  assert(good, why)
  assert(#list == #expected, "rows that are none")
  -- A written row reads back the same.
  for i, row in ipairs(expected) do
    local again = by_bytes(csv.line(row, separator) .. "\n", separator)
    assert(#again == 1 and #again[1] == columns, "row " .. i .. " is written as another one")
    for column = 1, columns do assert(again[1][column] == row[column]) end
  end
end

return function(bytes)
  local choice = bytes:byte(1) or 0
  local text = bytes:sub(2)
  local separator = separators[choice % 3 + 1]
  local options = { separator = separator }
  if choice >= 128 then options.header = { "a", "b" } end
  local first = read(text, options, sizes[1])
  for i = 2, #sizes do
    local other = read(text, options, sizes[i])
    if other ~= first then
      error(("in pieces of %d:\n%s\nin pieces of 1:\n%s"):format(sizes[i], other, first))
    end
  end
  against_bytes(text, separator)
end
