--- The document's own examples of requests, run against the description that was made of it. Many documents
-- break their own rules: each contradiction is listed, and an overlay accepts it by its name.

local budgets = require "patchbay.import.budgets"
local core = require "patchbay.core"
local members = require "patchbay.import.members"

local examples = {}

local function add(list, value)
  if members.is_object(value) then list[#list + 1] = value end
end

-- The examples of a body.
local function of_media(self, media)
  local list = {}
  add(list, media.example)
  for _, _, example in members.each(media.examples) do
    local target = self.document.references:follow(example)
    if members.is_object(target) then add(list, target.value) end
  end
  local schema = self.document.references:follow(media.schema)
  if members.is_object(schema) then
    add(list, schema.example)
    for _, example in ipairs(members.is_list(schema.examples) and schema.examples or {}) do add(list,
      example) end
  end
  return list
end

-- The schema of a field for an operation.
local function compiled(field, kind)
  local rules = {}
  for keyword, value in pairs(field) do rules[keyword] = value end
  for keyword, value in pairs(kind == "create" and field.on_create or {}) do
    if value == false and keyword ~= "readOnly" then value = nil end
    rules[keyword] = value
  end
  rules.on_create, rules.verified = nil, nil
  return core.schema.compile { type = "object", properties = { rules } }, rules
end

-- Checks one member; returns the rule that it breaks, or nil.
local function broken_by(by_name, schemas, name, value, kind)
  local field = by_name[name]
  if not field then return "no field of this name" end
  schemas[field] = schemas[field] or { compiled(field, kind) }
  local schema, rules = schemas[field][1], schemas[field][2]
  if rules.readOnly then return "it is read-only" end
  local ok, message = core.schema.check(schema, { [name] = members.plain(value) }, "x")
  if not ok then return (message:gsub("^x[.:]%s*", ""):gsub("^[^:]*: ", "", 1)) end
end

local function run(self, found, resource, wrap)
  local by_name, schemas = {}, {}
  for _, field in ipairs(resource.fields) do by_name[field[1]] = field end
  local label = found.operation.label
  for _, example in ipairs(of_media(self, found.body.media)) do
    if #self.report.examples >= budgets.MOST_EXAMPLES then return end
    if wrap and members.is_object(example[wrap]) then example = example[wrap] end
    local accepted = true
    for _, name, value in members.each(example) do
      local rule = broken_by(by_name, schemas, name, value, found.kind)
      if rule then
        accepted = false
        self.report.examples[#self.report.examples + 1] = { path = label .. ": " .. name, accepted = false,
          rule = rule }
      end
    end
    for _, name in ipairs(found.made.required or {}) do
      local is_in_path = name == resource.key and not found.operation.of_all
      if example[name] == nil and not is_in_path then
        accepted = false
        self.report.examples[#self.report.examples + 1] = { path = label .. ": " .. name, accepted = false,
          rule = "required, and missing" }
      end
    end
    if accepted then self.report.examples[#self.report.examples + 1] = { path = label, accepted = true } end
  end
end

--- Compares the contradictions with those that the overlay lists, and adds the differences to its faults.
function examples.compare(self)
  local overlay, listed, met = self.overlay, self.overlay.examples, {}
  if type(listed) ~= "table" then
    return overlay:fault("examples", "expected a table, got a %s", type(listed))
  end
  for _, entry in ipairs(self.report.examples) do
    if not entry.accepted then
      entry.known = listed[entry.path] ~= nil
      met[entry.path] = true
      if not entry.known then
        overlay:fault(("examples[%q]"):format(entry.path), "the document's example breaks a rule that the "
          .. "overlay "
          .. "does not list: %s", entry.rule)
      end
    end
  end
  local names = {}
  for name in pairs(listed) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do
    if not met[name] then
      overlay:fault(("examples[%q]"):format(name), "no example of the document breaks a rule there; take it "
        .. "out")
    end
  end
end

local KINDS = { "update", "replace", "create" }

--- Runs the examples of all requests in `built` (see resources.lua), and adds them to the report.
function examples.run(self, built)
  for _, entry in ipairs(built) do
    for _, kind in ipairs(KINDS) do
      local found = entry.found[kind]
      if found and found.body and not found.refused and not found.words.refused then
        run(self, found, entry.made, found.made.wrap or entry.group.entry.wrap or self.overlay.given.wrap)
      end
    end
  end
end

return examples
