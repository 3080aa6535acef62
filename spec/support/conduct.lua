--- The second table of docs/reliability.md: what vendors, files and people do, and what Patchbay does then.
-- Each row is made by running it, so that a change of behaviour changes the table.

local conduct = {}

--- The chapters: { title, rows }, each row { what happens, function that makes it happen and returns what
-- comes of it, as Markdown }.
conduct.chapters = {
  require "spec.support.conduct.responses",
  require "spec.support.conduct.runs",
  require "spec.support.conduct.refusals",
  (require "spec.support.conduct.people"),
}

local function cell(text)
  text = text:gsub("|", "\\|"):gsub("\n", " "):gsub("<", "\\<")
  return text
end

--- The line of a row in the table.
function conduct.line(row) return ("| %s | %s |\n"):format(cell(row[1]), cell(row[2]())) end

--- The text of the table, with a heading for each chapter.
function conduct.text()
  local parts = {}
  for _, chapter in ipairs(conduct.chapters) do
    parts[#parts + 1] = ("\n### %s\n\n| what happens | result |\n|---|---|\n"):format(chapter[1])
    for _, row in ipairs(chapter[2]) do parts[#parts + 1] = conduct.line(row) end
  end
  return table.concat(parts) .. "\n"
end

return conduct
