--- Parts of reports that several specs look at.

local reported = {}

--- Comments for every table of a description, with what the report says: hostile texts stand in them.
function reported.comments(description, report)
  local comments, sentences = {}, {}
  for _, entry in ipairs(report.refused or {}) do sentences[#sentences + 1] = tostring(entry.reason) end
  for name in pairs(description.resources) do comments["resources." .. name] = sentences end
  return comments
end

return reported
