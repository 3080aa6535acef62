-- The share of record updates that an imported description makes usable, of those that count (updates.tsv),
-- with an overlay and without. spec/support/openapi/usable.lua says what usable means.

local documents = require "spec.support.openapi.documents"
local folder = documents.folder
local usable = require "spec.support.openapi.usable"

local it = folder.path and it or pending

-- Document, overlay, how many updates have to be usable with the overlay, and of how many.
local SHARES = {
  { "telnyx.json", "telnyx", 81, 85, "https://api.telnyx.com/v2" },
  { "twilio_api_v2010.json", "twilio_api_v2010", 23, 23, "https://api.twilio.com" },
  { "twilio_trunking_v1.json", "twilio_trunking_v1", 2, 2, "https://trunking.twilio.com" },
  { "wazo-confd.json", "wazo_confd", 86, 88, "https://wazo.example/api/confd/1.1" },
}

-- Those that are not usable with the overlay, and what the report says of them. A new one fails.
local REFUSED = {
  ["POST /custom_storage_credentials/{connection_id}"] = "nothing says that this POST leaves alone what it "
    .. "does not name",
  ["PUT /storage/buckets/{bucketName}/ssl_certificate"] = "its body is multipart/form-data",
  ["PUT /moh/{moh_uuid}/files/{moh_filename}"] = "its body is application/octet-stream",
  ["PUT /sounds/{sound_category}/files/{sound_filename}"] = "its body is application/octet-stream",
}

local function measured(name, overlay)
  local path = folder.path .. "/" .. name
  local description, report = documents.import(folder.read(name), overlay)
  local results = usable.of(path, description, folder.updates(name), function(transport)
    return documents.options(description, transport)
  end)
  local count, others = usable.count(results)
  local fields, kinds = 0, { update = 0, replace = 0, create = 0 }
  for _, result in ipairs(results) do
    fields = fields + result.refused
    if result.usable then kinds[result.kind] = kinds[result.kind] + 1 end
  end
  local reasons = {}
  for _, list in ipairs { report.skipped, report.operations } do
    for _, entry in ipairs(list) do reasons[entry.method .. " " .. entry.path] = entry.reason end
  end
  return { count = count, all = #results, others = others, fields = fields, kinds = kinds, reasons = reasons,
    inside = report.counts.refused_fields }
end

local function say(name, how, found)
  print(("%s, %s an overlay: %d of %d updates usable (%.1f %%): %d update, %d replace, %d create; of their "
    .. "fields %d "
    .. "are refused; with nested ones and those of all other operations %d"):format(name, how, found.count,
      found.all,
    100 * found.count / found.all, found.kinds.update, found.kinds.replace, found.kinds.create, found.fields,
    found.inside))
end

describe("the updates #slow #once of", function()
  for _, share in ipairs(SHARES) do
    local name, overlay, least, all, base_url = share[1], share[2], share[3], share[4], share[5]

    it(name .. " are usable with an overlay of base_url, auth, partial, within, paging and names", function()
      local found = measured(name, documents.overlay(overlay))
      say(name, "with", found)
      assert.equal(all, found.all)
      local unexpected = {}
      for _, sentence in ipairs(found.others) do
        local operation = sentence:match "^(%u+ %S+):"
        local reason = found.reasons[operation] or ""
        if not REFUSED[operation] or not reason:find(REFUSED[operation], 1, true) then
          unexpected[#unexpected + 1] = sentence .. "; " .. reason
        end
      end
      assert.same({}, unexpected)
      assert.is_true(found.count >= least)
    end)

    it(name .. " are usable in part without an overlay", function()
      local found = measured(name, { base_url = base_url })
      say(name, "without", found)
      assert.equal(all, found.all)
    end)
  end

  it("the overlays say no more than they may, and quote the documents", function()
    local MAY = { digest = true, name = true, base_url = true, credentials = true, auth = true, within = true,
      paging = true, paths = true }
    local OF_PATH = { name = true, within = true, get = true, put = true, post = true, key = false }
    local OF_OPERATION = { partial = true, paging = true }
    for _, share in ipairs(SHARES) do
      local text = folder.read(share[1]):gsub("\\n", " "):gsub('\\"', '"'):gsub("%s+", " ")
      local overlay = documents.overlay(share[2])
      for word in pairs(overlay) do assert.is_true(MAY[word], share[2] .. ": " .. word) end
      for path, words in pairs(overlay.paths) do
        for word, value in pairs(words) do
          assert.is_true(OF_PATH[word], path .. ": " .. word)
          for inner, said in pairs(type(value) == "table" and word ~= "within" and value or {}) do
            assert.is_true(OF_OPERATION[inner], path .. ": " .. inner)
            if inner == "partial" then assert.truthy(text:find(said, 1, true), path .. ": " .. said) end
          end
        end
      end
    end
  end)
end)
