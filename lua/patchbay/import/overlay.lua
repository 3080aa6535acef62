--- Overlays: a person's additions to a document, by the names and paths that stand in it.
--
--   return {
--     digest = "…",                      -- of the document's text (SHA-256): another text is refused
--     name = "acme", base_url = "…", auth = {…}, credentials = {…}, …    -- words of a vendor's
--     description
--     partial = { PUT = "the vendor's sentence" },   -- for every operation of that method on one record
--     key = "id",                        -- of records whose responses show it, and not the path's parameter
--     within = { AccountSid = { option = "account_sid" } },  -- parameters of paths, wherever they are
--     paging = { page = "page", size = "per_page" },         -- of the lists that take these parameters
--     keep = old,                        -- an older description: its names of resources stay
--     paths = {
--       ["/lines/{id}"] = {
--         name = "lines", key = "id", …,            -- words of a resource
--         within = {…}, fields = { pin = { secret = true }, ["voice.pin"] = { secret = false } },
--         put = { partial = "the vendor's sentence", … },   -- words of an operation, by its method
--       },
--       ["/lines"] = { get = { paging = {…}, items = "data" } },
--     },
--     examples = { ["PATCH /lines/{id}: label"] = "the rule that the example breaks" },
--   }
--
-- An entry that meets nothing in the document is a fault: the document has changed, or the entry is misspelt.

local core = require "patchbay.core"

local overlay = {}
overlay.__index = overlay

--- Words of a vendor that are taken over as they are.
overlay.VENDOR = { "name", "title", "source", "notes", "silent", "base_url", "rate", "credentials", "options",
  "auth", "errors", "envelope", "body", "wrap", "lookups" }

--- Words of a resource that are taken over as they are.
overlay.RESOURCE = { "description", "notes", "silent", "envelope", "used_by", "identity" }

local OWN = { "digest", "partial", "key", "within", "paging", "keep", "paths", "examples" }
local OF_PATH = { "name", "key", "within", "fields", "wrap", "body", "skip", "get", "put", "post", "patch",
  "delete", "description", "notes", "silent", "envelope", "used_by", "identity" }
local METHODS = { get = true, put = true, post = true, patch = true, delete = true }

local OF_OPERATION = { "partial", "kind", "query", "headers", "required", "items", "paging", "parameters",
  "answer", "confirmed_by", "order", "refused", "done", "undocumented", "key_in", "payload", "wrap", "body" }

--- An empty list of faults, and the function that adds to it.
function overlay:fault(path, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  self.faults[#self.faults + 1] = { path = path, message = message }
end

-- The end of a message about a name that is none of `known`.
local function suggestion(name, known)
  local meant = core.text.suggest(tostring(name), known)
  return meant and ("; did you mean %q?"):format(meant) or ""
end

local function sorted_names(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

-- Whether `value` is a table; adds a fault otherwise.
local function is_table(self, value, path)
  if type(value) == "table" then return true end
  self:fault(path, "expected a table, got a %s", type(value))
  return false
end

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do set[name] = true end
  end
  return set
end

local WORDS = set_of(overlay.VENDOR, OWN)
local WORDS_OF_PATH, WORDS_OF_OPERATION = set_of(OF_PATH), set_of(OF_OPERATION)

-- Adds a fault for each name in `entry` that is none of the set.
local function check_words(self, entry, set, path, what)
  for _, name in ipairs(sorted_names(entry)) do
    if not set[name] then
      self:fault(path == "" and name or path .. "." .. name, "no word of %s%s", what,
        suggestion(name, sorted_names(set)))
    end
  end
end

-- The paths of the document, in its order.
local function paths_of(document)
  local paths, seen = {}, {}
  for _, operation in ipairs(document.operations) do
    if not seen[operation.path] then paths[#paths + 1] = operation.path end
    seen[operation.path] = true
  end
  return paths
end

local function check_paths(self, document)
  -- The methods of those paths that the overlay has.
  local methods = {}
  for _, operation in ipairs(document.operations) do
    local path = operation.path
    if self.paths[path] ~= nil then
      methods[path] = methods[path] or {}
      methods[path][operation.verb] = true
    end
  end
  for _, path in ipairs(sorted_names(self.paths)) do
    local entry, at = self.paths[path], ("paths[%q]"):format(path)
    if not methods[path] then
      self:fault(at, "the document has no such path%s", suggestion(path, paths_of(document)))
    elseif is_table(self, entry, at) then
      check_words(self, entry, WORDS_OF_PATH, at, "a path")
      for _, method in ipairs(sorted_names(entry)) do
        local words = METHODS[method] and entry[method]
        if words and not methods[path][method] then
          self:fault(at .. "." .. method, "the document has no %s there", method:upper())
        elseif words and is_table(self, words, at .. "." .. method) then
          check_words(self, words, WORDS_OF_OPERATION, at .. "." .. method, "an operation")
        end
      end
    end
  end
end

local function check_partial(self, document)
  for _, method in ipairs(sorted_names(self.partial)) do
    local found = false
    for _, operation in ipairs(document.operations) do found = found or operation.method == method end
    if method ~= "PUT" and method ~= "POST" then
      self:fault("partial." .. method, "PUT and POST can be partial; write the method in capitals")
    elseif not found then
      self:fault("partial." .. method, "the document has no %s", method)
    end
  end
end

--- The overlay `given` (a table, or nil) of a document whose text has the digest `digest` (or nil). Its
-- faults so far are in `faults`.
function overlay.read(given, document, digest)
  local self = setmetatable({ given = given or {}, faults = {}, used = {} }, overlay)
  given = self.given
  if not is_table(self, given, "overlay") then
    self.given, given = {}, {}
  end
  check_words(self, given, WORDS, "", "an overlay")
  for _, name in ipairs { "partial", "within", "paths", "keep" } do
    local value = given[name]
    self[name] = value ~= nil and is_table(self, value, name) and value or {}
  end
  self.paging, self.examples, self.key = given.paging, given.examples, given.key
  if self.key ~= nil and (type(self.key) ~= "string" or self.key == "") then
    self:fault("key", "expected the name of a field, such as \"id\"")
    self.key = nil
  end
  if given.digest ~= nil and digest and given.digest ~= digest then
    self:fault("digest", "the overlay was written for another text of the document, and this one has %s; "
      .. "look "
      .. "at what has changed in it, and write that digest", digest)
  end
  check_paths(self, document)
  check_partial(self, document)
  return self
end

-- The words of a path or operation that the overlay does not mention.
local NONE = {}

--- The words for a path, without nil; they are not changed.
function overlay:path(path)
  local entry = self.paths[path]
  return type(entry) == "table" and entry or NONE
end

--- The words for an operation of the document, without nil; they are not changed.
function overlay:operation(operation)
  local entry = self.paths[operation.path]
  local words = type(entry) == "table" and entry[operation.verb]
  return type(words) == "table" and words or NONE
end

--- The sentence that says that an operation leaves other fields unchanged; nil: none. A POST to a path
-- that ends with no key may be an action, so that only an entry of its own makes an update of it.
function overlay:partial_of(operation, has_key)
  local own = self:operation(operation).partial
  if own ~= nil then return own or nil end
  return (has_key or operation.method ~= "POST") and self.partial[operation.method] or nil
end

--- Whether the overlay has words for a parameter of `within`.
function overlay:says_within(entry, name)
  return type(entry.within) == "table" and entry.within[name] ~= nil or self.within[name] ~= nil
end

--- The words for a parameter of paths, without nil.
function overlay:within_of(entry, name)
  local own = type(entry.within) == "table" and entry.within[name]
  if own then self.used["within " .. tostring(entry.within) .. name] = true end
  if self.within[name] then self.used["within " .. name] = true end
  return own or self.within[name] or {}
end

--- Marks something of the overlay as met.
function overlay:use(what) self.used[what] = true end

--- Adds the faults of entries for parameters and lists that met nothing.
function overlay:check_used()
  for _, name in ipairs(sorted_names(self.within)) do
    if not self.used["within " .. name] then
      self:fault("within." .. name, "no path of a resource has this parameter beside the key")
    end
  end
  for _, path in ipairs(sorted_names(self.paths)) do
    local entry = self:path(path)
    for _, name in ipairs(sorted_names(type(entry.within) == "table" and entry.within or {})) do
      if not self.used["within " .. tostring(entry.within) .. name] then
        self:fault(("paths[%q].within.%s"):format(path, name),
          "the path has no such parameter beside the key")
      end
    end
  end
  if self.key and not self.used.key then
    self:fault("key", "no path of a record ends with %s, and no responses show it in place of the parameter "
      .. "of their path", self.key)
  end
  if self.paging and not self.used.paging then
    self:fault("paging", "no list takes these query parameters")
  end
end

return overlay
