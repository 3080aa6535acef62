-- The texts for names in the tables of docs/reference.md and docs/errors.md.

local tables = {}

local function cells_of(line)
  local cells = {}
  for cell in line:gsub("\\|", "\1"):gmatch "([^|]+)|" do
    cells[#cells + 1] = (cell:gsub("\1", "|"):match "^%s*(.-)%s*$")
  end
  return cells
end

--- Text for a comment: without links and references to other places of the page.
function tables.plain(text)
  text = text:gsub("%[([^%]]*)%]%([^)]*%)", "%1")
  for _, pointer in ipairs { "; below", ": below", ", see below", ", below", " below" } do
    text = text:gsub(pointer .. "%.$", ".")
  end
  return text
end

--- Text as a sentence.
function tables.sentence(text)
  text = text:gsub("^%[?%l", string.upper)
  return text:find "[.!?]$" and text or text .. "."
end

-- The text of a row, by the header of its table.
local function row_text(header, cells)
  if header[#header] == "returns" then
    local text = cells[2] and cells[2] ~= "" and tables.sentence(cells[2]) .. " " or ""
    return text .. "Returns " .. (cells[3]:gsub("^%u", string.lower)) .. "."
  end
  return tables.sentence(cells[#cells])
end

--- Reads pages (a list of texts): section -> name -> text.
function tables.read(pages)
  local sections = {}
  for _, page in ipairs(pages) do
    local section, header = {}, nil
    for line in page:gmatch "([^\n]*)\n" do
      local title = line:match "^## (.*)$"
      if title then
        section, header = sections[title] or {}, nil
        sections[title] = section
      elseif not line:find "^|" then
        header = nil
      elseif not header then
        header = cells_of(line:sub(2))
      elseif not line:find "^|[-|]+$" then
        local cells = cells_of(line:sub(2))
        for name in (cells[1] or ""):gmatch "`([^`(]+)" do
          if cells[1]:find("`" .. name, 1, true) and not section[name] and cells[#cells] ~= "" then
            section[name] = tables.plain(row_text(header, cells))
          end
        end
      end
    end
  end
  return sections
end

--- The text of "section/name"; raises if the pages have none.
function tables.text(sections, key)
  local section, name = key:match "^(.-)/(.+)$"
  local found = sections[section] and sections[section][name]
  if not found then error(("docs: no table in the section %q names `%s`"):format(section, name), 0) end
  return found
end

return tables
