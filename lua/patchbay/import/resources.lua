--- Resources out of a document's operations.

local bodies = require "patchbay.import.bodies"
local choice = require "patchbay.import.choice"
local envelopes = require "patchbay.import.envelope"
local fields = require "patchbay.import.fields"
local groups = require "patchbay.import.groups"
local keys = require "patchbay.import.keys"
local lua_text = require "patchbay.import.lua_text"
local names = require "patchbay.import.names"
local naming = require "patchbay.import.naming"
local operations = require "patchbay.import.operations"
local outline = require "patchbay.import.outline"
local overlays = require "patchbay.import.overlay"
local path = require "patchbay.import.path"
local whole_bodies = require "patchbay.import.whole_bodies"

local resources = {}

-- The overlay's words for the paths of a group, together.
local function entry_of(self, group)
  local entry = {}
  for i = #group.paths, 1, -1 do
    for word, value in pairs(self.overlay:path(group.paths[i])) do entry[word] = value end
  end
  return entry
end

local SENDING = { "update", "replace", "create" }

-- The names of the fields in requests.
local function sent_names(found)
  local list, seen, last = {}, {}, nil
  for _, kind in ipairs(SENDING) do
    local rules = found[kind] and found[kind].rules
    local properties = rules and rules.properties
    -- Most bodies of creates are those of updates.
    for i = 1, properties and properties ~= last and #properties or 0 do
      local name = properties[i][1]
      if not properties[i].readOnly and not seen[name] then list[#list + 1], seen[name] = name, true end
    end
    last = properties or last
  end
  return list
end

-- The outlines of the responses of one record, by kind, and all of them in a list.
local function read_shown(self, found)
  local list, by_kind = {}, {}
  for _, kind in ipairs { "get", "update", "replace", "create" } do
    if found[kind] and not found[kind].refused then
      local shown, empty = bodies.shown(self.document, found[kind].operation)
      by_kind[kind], found[kind].empty = shown, empty
      list[#list + 1] = shown
    end
  end
  return by_kind, list
end

-- The member of responses that holds the record: by the overlay, or by their schemas.
local function envelope_of(self, group, list, sent, key)
  local said = group.entry.envelope
  if said == nil then said = self.overlay.given.envelope end
  if said ~= nil then return said and said.data or nil, said, true end
  local member, doubtful = envelopes.shown(self.document.references, list, sent, key)
  if doubtful then
    self.report:warn(group.paths[1], ("the responses have the fields in %s, and the key %s beside it; if %s "
      .. "is the record, say envelope = { data = %q } in the overlay, else envelope = false"):format(doubtful,
        key, doubtful, doubtful))
  end
  return member, member and { data = member }, false
end

-- Whether the body of an operation may have the key.
local function is_in_body(entry)
  if entry.kind == "create" then return not (entry.made.path or ""):find("{key}", 1, true) end
  return entry.made.key_in == "body"
end

-- The properties of the bodies of updates and creates, without the key.
local function read_bases(found, key)
  local update, replace, create = found.update, found.replace, found.create
  local function of(entry)
    if not entry or entry.refused then return nil end
    entry.properties = fields.of_body(entry.rules, entry.body)
    if key then
      entry.properties = keys.without(entry.properties, key)
      entry.made.required = keys.names_without(entry.made.required, key)
      if not is_in_body(entry) then entry.made.payload = whole_bodies.without(entry.made.payload, key) end
    end
    return entry.properties
  end
  local base, other, created = of(update), of(replace), of(create)
  if base and other then
    local name = fields.difference(base, other)
    if name then
      replace.refused = ("its body differs from that of %s in the field %s; to have this one in its place, "
        .. "say %s = { kind = \"skip\" } there in the overlay"):format(update.operation.label, name,
          update.operation.verb)
    end
  end
  return base or other, created
end

-- Whether a list's entries show the key; the reason why not.
local function problem_of_entries(self, resource, list)
  if not resource.key then return "its resource has no key; say key = \"…\" in the overlay" end
  if not list.entries then return nil end
  local shown = outline.of(self.document.references, list.entries)
  if shown and names.meet({ resource.key }, shown) then return nil end
  return ("its entries do not show %s, the key; say key = \"…\" in the overlay"):format(resource.key)
end

-- A create whose response does not show the key fails each time, after the record was made. `words`: the
-- overlay's for the key's field.
local function problem_of_created(self, resource, shown, member, words)
  if not resource.key or resource.given_key then return nil end
  local content = envelopes.content(self.document.references, shown, member)
  local known = keys.with_first(type(words) == "table" and type(words.also) == "table" and words.also or nil,
    resource.key)
  if content and names.meet(known, content) then return nil end
  return ("its response does not show %s, the key of the new record; say key = \"…\" in the overlay, or "
    .. "fields = { %s = { also = { \"…\" } } } with its name in this response"):format(resource.key,
      lua_text.key(resource.key))
end

-- Whether a response shows any of the fields, perhaps in another spelling.
local function shows_any(known, shown)
  for i = 1, #known do
    if shown.schemas[known[i][1]] ~= nil then return true end
  end
  local list = {}
  for i, field in ipairs(known) do list[i] = field[1] end
  return names.meet(list, shown)
end

-- The parts of the record that the responses of a change show.
local function settle_answers(self, found, by_kind, member, known)
  for _, kind in ipairs { "update", "replace" } do
    local entry = found[kind]
    if entry and not entry.refused then
      local shown = envelopes.content(self.document.references, by_kind[kind], member)
      local shows = not entry.empty and shown and shows_any(known, shown)
      if not shows then entry.made.answer = "undocumented" end
    end
  end
end

-- The content of the responses that shows most of the record, and whether it is that of a read.
local function shown_of(self, found, by_kind, member, sent, key)
  local references = self.document.references
  local whole = by_kind.get or by_kind.update or by_kind.replace or by_kind.create
  local shown = envelopes.content(references, whole, member)
  if not shown and found.list and found.list.entries then
    shown = outline.of(references, found.list.entries)
  end
  local meets = shown and (not sent[1] or names.meet(sent, shown)
    or key and names.meet({ key }, shown))
  if meets then return shown, by_kind.get ~= nil end
end

local function describe(self, group, found, within, key)
  local sent = sent_names(found)
  local by_kind, list = read_shown(self, found)
  if group.entry.key == nil then group.entry.key = keys.of_all(self, found, list, sent, key) end
  local member, envelope, said = envelope_of(self, group, list, sent, group.entry.key or key)
  group.envelope_said = member
  if found.list and found.list.refused and member then
    found.list = operations.read(self, group, found.list.operation, "list")
  end
  local resource = { key = keys.settle(self, group, found, sent, key) }
  resource.key_schema, resource.key_description = keys.parameter(found, group)
  local takes_key = resource.key and keys.taken(found.create, resource.key)
  resource.base, resource.created = read_bases(found, resource.key)
  if resource.key and found.create then
    resource.chosen_key, resource.given_key = keys.given(found.create, takes_key)
    if resource.given_key then
      found.create.made.required = keys.with_first(found.create.made.required, resource.key)
    end
  end
  resource.shown, resource.read = shown_of(self, found, by_kind, member, sent, resource.key)
  if list[1] and sent[1] and not resource.shown then
    self.report:warn(group.paths[1], "the described responses show none of the fields that are sent; if they "
      .. "stand in a member of them, say envelope = { data = \"…\" } in the overlay")
  end
  for _, named in ipairs(group.beside or {}) do within[#within + 1] = named end
  local made = { within = keys.within(self, group, found, within), key = resource.key,
    operations = choice.new() }
  made.fields = fields.of(self, resource)
  settle_answers(self, found, by_kind, member, made.fields)
  if found.list and not found.list.refused then
    found.list.refused = problem_of_entries(self, resource, found.list)
  end
  if found.create and not found.create.refused then
    found.create.refused = problem_of_created(self, resource, by_kind.create, member,
      type(group.entry.fields) == "table" and group.entry.fields[resource.key])
  end
  if envelope and not said then
    made.envelope = envelope
    self.report:derive(group, ("envelope = { data = %q }: the responses have the fields "
      .. "in it"):format(member))
  end
  return made
end

local CHANGES = { update = true, replace = true, create = true, delete = true }

-- Whether anything of the resource can be called; one without a key that is only read is no resource.
local function is_usable(found, key)
  local usable, changes = false, false
  for kind, entry in pairs(found) do
    local works = not entry.refused and not entry.words.refused
    usable = usable or works
    changes = changes or works and CHANGES[kind]
  end
  return usable and (key or changes)
end

local KINDS = { "get", "list", "create", "update", "replace", "delete" }

local function skip_all(self, found, reason)
  for i = 1, #KINDS do
    local entry = found[KINDS[i]]
    if entry then self.report:skip(entry.operation, entry.refused or reason) end
  end
end

-- Operations about several records need a key.
local NEEDS_KEY = { "list", "create", "delete" }

local function build(self, group)
  group.entry = entry_of(self, group)
  if group.entry.skip then
    for _, operation in ipairs(group.operations) do self.report:skip(operation,
      "the overlay leaves it out") end
    return nil
  end
  local within, key = path.names(group)
  local found = choice.of(self, group)
  if not key and not group.entry.key then
    for _, kind in ipairs(NEEDS_KEY) do
      if found[kind] then
        self.report:skip(found[kind].operation, "its resource has no key; say key = \"…\" in the overlay")
        found[kind] = nil
      end
    end
  end
  if not is_usable(found, key or group.entry.key) then
    skip_all(self, found, "it is only read, and has no key; use client:call")
    return nil
  end
  local made = describe(self, group, found, within, key)
  if not made.fields[1] then
    skip_all(self, found, "the document describes none of its fields")
    return nil
  end
  for kind, entry in pairs(found) do made.operations[kind] = operations.described(entry) end
  for _, word in ipairs(overlays.RESOURCE) do
    if group.entry[word] ~= nil then made[word] = group.entry[word] end
  end
  if group.entry.body ~= nil then made.body = group.entry.body end
  return made, found
end

--- The resources of the document, by name. `self`: document, schemas, overlay, report, auth_kind,
-- auth_header, short.
function resources.of(self)
  local list = groups.merged(groups.of(self.document), function(group)
    for _, text in ipairs(group.paths) do
      local name = self.overlay:path(text).name
      if name ~= nil then return name end
    end
  end)
  local built = {}
  for _, group in ipairs(list) do
    local made, found = build(self, group)
    if made then built[#built + 1] = { paths = group.paths, wanted = group.wanted, group = group, made = made,
      found = found } end
  end
  naming.give(built, self.overlay.keep, function(entry, message)
    self.overlay:fault(("paths[%q].name"):format(entry.paths[1]), message)
  end)
  local by_name = {}
  for _, entry in ipairs(built) do by_name[entry.name] = entry.made end
  return by_name, built
end

return resources
